#pragma once

#include "models/domain/contention.h"
#include "models/domain/labserver.h"
#include "models/domain/result.h"

#include <QWidget>

#include <memory>

namespace lockscope {

/// Many clients on few keys: what to run, and what came of it as figures and plots. GUI thread. Values come down by
/// setters, wishes go up by signals; measures nothing itself.
class ContentionPage final : public QWidget
{
    Q_OBJECT

public:
    explicit ContentionPage(QWidget* parent = nullptr);
    ~ContentionPage() override;
    Q_DISABLE_COPY_MOVE(ContentionPage)

    void setServer(const LabServer& server);
    void setRunning(bool running);
    void setReport(const ContentionReport& report);
    void setError(const Error& error);
    [[nodiscard]] ContentionSpec spec() const; ///< as the controls say it
    void setSpec(const ContentionSpec& spec);

Q_SIGNALS:
    void startRequested(const lockscope::ContentionSpec& spec);
    void stopRequested();
    void exportRequested(const QString& fileName, const QByteArray& content);
    void sandboxRequested();

private:
    class Parts;
    void refresh();
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
