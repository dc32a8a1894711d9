#pragma once

#include "app/lab/probe/probe.h"
#include "app/postgres/conninfo.h"

#include <QObject>
#include <QPointer>
#include <QWidget>

#include <memory>

namespace lockscope {

class ProbeDialog;

/// Joins the dialog that probes an endpoint and the engine that does it. GUI thread; nothing here waits but the
/// destructor, for about three seconds at most, while a probe cleans up.
class ProbeFlow final : public QObject
{
    Q_OBJECT

public:
    explicit ProbeFlow(QWidget* window, QObject* parent = nullptr);
    ~ProbeFlow() override;
    Q_DISABLE_COPY_MOVE(ProbeFlow)

    /// Shows the dialog, filled with this connection; nothing is sent before the person starts it. title names it:
    /// "prod-eu". Its password is used as long as the text stays as it was. A dialog that is open comes to the front.
    void open(const Conninfo& current, const QString& title);

private:
    void start(const QString& text, const QString& password);
    void take(Probe* probe);
    /// Ends the probe in the background: it cleans up and is deleted then.
    void end();

    QPointer<QWidget> m_window;
    QPointer<ProbeDialog> m_dialog;
    QPointer<Probe> m_probe;
    Conninfo m_current;
    QString m_currentText; ///< without secrets, as it was put into the dialog
};

} // namespace lockscope
