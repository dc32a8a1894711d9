#pragma once

#include "app/lab/scenario/setupsession.h"
#include "app/lab/scenario/stage.h"

#include <QObject>
#include <QTimer>

namespace lockscope {

/// Removes what a lesson made, whatever had happened: ends its actors and what the server keeps of them, runs its reset
/// statements, and looks until nothing is left. Used once. GUI thread, never waits.
class Removal final : public QObject
{
    Q_OBJECT

public:
    /// statements: the lesson's reset statements; empty when nothing was made yet.
    Removal(QStringList statements, SetupSession& setup, Stage& stage, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(Removal)

    void start();

Q_SIGNALS:
    /// Always. Empty: nothing is left; else a sentence what is, or why nobody knows. Hostile text.
    void done(const QString& left);

private:
    void terminate();
    void lookForLeftovers();
    void finish(const QString& left);

    const QStringList m_statements;
    SetupSession& m_setup;
    Stage& m_stage;
    QTimer m_deadline;
    QTimer m_lookAgain;
    QString m_trouble; ///< of the reset statements
    bool m_finished = false;
};

} // namespace lockscope
