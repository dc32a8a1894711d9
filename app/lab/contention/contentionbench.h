#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/contention.h"
#include "models/domain/result.h"

#include <QObject>

#include <memory>

namespace lockscope {

/// Many clients that fight for few keys: a connection and a thread each, on keys of a random class of its own, so that
/// nobody else's key is touched. Facade for the GUI thread; nothing here waits but the destructor, for milliseconds:
/// every connection is woken out of its wait, also on a server that does not answer. Leaves nothing behind.
class ContentionBench final : public QObject
{
    Q_OBJECT

public:
    ContentionBench(Conninfo conninfo, ContentionSpec spec, QObject* parent = nullptr);
    ~ContentionBench() override;
    Q_DISABLE_COPY_MOVE(ContentionBench)

    /// Once. Answered by progress() several times a second, then finished(), or by failed().
    void start();
    /// Ends the run early, also while it connects; finished() follows with what there is.
    void stop();

Q_SIGNALS:
    void progress(const lockscope::ContentionReport& report);
    void finished(const lockscope::ContentionReport& report);
    void failed(const lockscope::Error& error);

private:
    class Run;
    std::unique_ptr<Run> m_run;
};

} // namespace lockscope
