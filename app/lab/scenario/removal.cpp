#include "app/lab/scenario/removal.h"

#include <QPointer>

namespace lockscope {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds removalDeadline{10000};
constexpr milliseconds lookEvery{20};

} // namespace

Removal::Removal(QStringList statements, SetupSession& setup, Stage& stage, QObject* parent)
    : QObject(parent)
    , m_statements(std::move(statements))
    , m_setup(setup)
    , m_stage(stage)
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(removalDeadline);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        finish(m_stage.leftovers() > 0 ? tr("something of this lesson is still on the server")
                                       : tr("the reset statements have not ended in time"));
    });
    m_lookAgain.setSingleShot(true);
    m_lookAgain.setInterval(lookEvery);
    connect(&m_lookAgain, &QTimer::timeout, this, &Removal::lookForLeftovers);
}

void Removal::start()
{
    m_deadline.start();
    m_stage.dismiss();
    // Who is left: a backend whose client has died while it waits or works is not told so by anybody.
    m_stage.look([self = QPointer(this)](const Result<ServerPicture>& picture) {
        if (!self || self->m_finished)
            return;
        if (picture)
            self->terminate();
        else
            self->finish(tr("the server could not be asked: %1").arg(picture.error().what));
    });
}

void Removal::terminate()
{
    m_stage.terminateBackends({}, [self = QPointer(this)](const Result<void>&) {
        if (!self || self->m_finished)
            return;
        self->m_setup.remove(self->m_statements, [self](const Result<void>& removed) {
            if (!self || self->m_finished)
                return;
            if (!removed)
                self->m_trouble =
                    removed.error().serverWords.isEmpty() ? removed.error().what : removed.error().serverWords;
            self->lookForLeftovers();
        });
    });
}

void Removal::lookForLeftovers()
{
    m_stage.look([self = QPointer(this)](const Result<ServerPicture>& picture) {
        if (!self || self->m_finished)
            return;
        if (!picture)
            self->finish(tr("the server could not be asked: %1").arg(picture.error().what));
        else if (self->m_stage.leftovers() > 0)
            self->m_lookAgain.start();
        else
            self->finish(self->m_trouble);
    });
}

void Removal::finish(const QString& left)
{
    if (std::exchange(m_finished, true))
        return;
    m_deadline.stop();
    m_lookAgain.stop();
    Q_EMIT done(left);
}

} // namespace lockscope
