#include "app/lab/client/podservice.h"

namespace lockscope {

PodService::PodService(platform::WakeUp* abort, PodBoard::Emit emitEvent)
    : m_abort(abort)
    , m_emit(std::move(emitEvent))
{
}

PodService::~PodService() = default;

void PodService::run(const protocol::Command& command)
{
    if (const auto* pod = std::get_if<protocol::OpenPod>(&command)) {
        open(*pod);
        return;
    }
    const std::lock_guard lock(m_mutex);
    if (m_code)
        return; // the pod is on its way out
    const auto* sync = std::get_if<protocol::Sync>(&command);
    if (sync == nullptr || !m_board) {
        m_emit(protocol::Complaint{{.kind = ErrorKind::Internal,
                                    .what = sync == nullptr
                                                ? QStringLiteral("A pod was told something that only clients do.")
                                                : QStringLiteral("A pod was asked to work before it was opened.")}});
        return;
    }
    if (const std::optional<PodBoard::Job> job = m_board->admit(*sync))
        m_workers.at(static_cast<size_t>(job->connection))->give(*job);
}

void PodService::open(const protocol::OpenPod& command)
{
    const std::lock_guard lock(m_mutex);
    if (m_board || m_code) {
        m_emit(protocol::Complaint{
            {.kind = ErrorKind::Internal, .what = QStringLiteral("The pod was asked to open a second time.")}});
        return;
    }
    const Conninfo conninfo = withDefaults(
        command.conninfo.with(QStringLiteral("application_name"), protocol::clientApplicationName(command.name)), {});
    // Before there are other threads that read it, and for as long as connections may be replaced. It never shows in
    // /proc, which has the environment of the start.
    if (!command.environmentPassword.isEmpty())
        qputenv("PGPASSWORD", command.environmentPassword.toUtf8());
    m_board = std::make_unique<PodBoard>(command.name, command.connections, m_emit);
    for (int index = 0; index < command.connections; ++index) {
        m_workers.push_back(
            std::make_unique<PodWorker>(index, conninfo, m_board.get(), m_abort, [this](const Error& error) {
                m_board->failed(error);
                finish(1);
            }));
    }
    for (const auto& worker : m_workers)
        worker->start();
}

int PodService::wait()
{
    std::unique_lock lock(m_mutex);
    m_over.wait(lock, [this] { return m_code.has_value(); });
    const int code = *m_code;
    const std::vector<std::unique_ptr<PodWorker>> workers = std::exchange(m_workers, {});
    lock.unlock(); // a worker that fails just now wants it
    for (const auto& worker : workers)
        worker->end();
    return code; // and here they are joined
}

void PodService::end()
{
    finish(0);
}

void PodService::finish(int code)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_code)
            m_code = code;
    }
    m_over.notify_all();
}

} // namespace lockscope
