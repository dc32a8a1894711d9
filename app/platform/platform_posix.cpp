#include "app/platform/platform.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSocketNotifier>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <clocale>
#include <csignal>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef Q_OS_LINUX
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace lockscope::platform {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

QString systemWords(int number)
{
    return QString::fromLocal8Bit(std::strerror(number));
}

int signalNumber(ProcessSignal signal)
{
    switch (signal) {
    case ProcessSignal::Kill:
        return SIGKILL;
    case ProcessSignal::Terminate:
        return SIGTERM;
    case ProcessSignal::Stop:
        return SIGSTOP;
    case ProcessSignal::Continue:
        return SIGCONT;
    case ProcessSignal::Interrupt:
        return SIGINT;
    case ProcessSignal::Quit:
        return SIGQUIT;
    }
    return 0;
}

int pollTimeout(steady_clock::time_point deadline)
{
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

/// The deadline of a timeout that may be "for ever" (milliseconds::max()), which must not overflow.
steady_clock::time_point deadlineAfter(milliseconds timeout)
{
    return steady_clock::now() + std::min<milliseconds>(timeout, std::chrono::hours(24 * 365));
}

/// poll() that neither a signal nor a timeout beyond its int shortens.
int pollUntil(pollfd* descriptors, nfds_t count, steady_clock::time_point deadline)
{
    for (;;) {
        const int ready = ::poll(descriptors, count, pollTimeout(deadline));
        const bool interrupted = ready < 0 && (errno == EINTR || errno == EAGAIN);
        if (!interrupted && (ready != 0 || steady_clock::now() >= deadline))
            return ready;
    }
}

void makePipe(int (&descriptors)[2])
{
#ifdef Q_OS_LINUX
    // At once, because another thread may be starting a process between two calls.
    if (::pipe2(descriptors, O_CLOEXEC | O_NONBLOCK) != 0)
        descriptors[0] = descriptors[1] = -1;
#else
    if (::pipe(descriptors) != 0) {
        descriptors[0] = descriptors[1] = -1;
        return;
    }
    for (const int descriptor : descriptors) {
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    }
#endif
}

void drain(int descriptor)
{
    std::array<char, 64> bytes;
    ssize_t count = 0;
    do {
        count = ::read(descriptor, bytes.data(), bytes.size());
    } while (count > 0 || (count < 0 && errno == EINTR));
}

void closeBoth(int (&descriptors)[2])
{
    for (int& descriptor : descriptors) {
        if (descriptor >= 0)
            ::close(descriptor);
        descriptor = -1;
    }
}

/// Writes one byte and leaves errno as it was. Async-signal-safe. A full pipe is as good as a written one.
void ringPipe(int descriptor)
{
    const int before = errno;
    const char byte = 1;
    while (::write(descriptor, &byte, 1) < 0 && errno == EINTR) {
    }
    errno = before;
}

// ---- in the child, between fork and exec: async-signal-safe calls only ----

[[noreturn]] void giveUp(const char* reason)
{
    const ssize_t written = ::write(STDERR_FILENO, reason, std::strlen(reason));
    static_cast<void>(written);
    ::_exit(126);
}

/// What libraries open is marked so a moment after it is opened, and a thread may start a process in that moment.
void closeOnExec()
{
#if defined(Q_OS_LINUX) && defined(SYS_close_range)
    constexpr unsigned int mark = 1U << 2; // CLOSE_RANGE_CLOEXEC of Linux 5.11; older headers lack it
    ::syscall(SYS_close_range, 3U, ~0U, mark);
#endif
}

struct Credentials
{
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;
};

bool takeOn(const Credentials& credentials)
{
#ifdef Q_OS_LINUX
    // QProcess makes the child by a bare clone(), of which glibc knows nothing. glibc's own functions would try to
    // change the threads of the parent as well, under a lock that one of them may have held; the kernel's calls change
    // this process, which has one thread.
#ifdef SYS_setresuid32
    constexpr long setGroups = SYS_setgroups32, setGroup = SYS_setresgid32, setUser = SYS_setresuid32;
#else
    constexpr long setGroups = SYS_setgroups, setGroup = SYS_setresgid, setUser = SYS_setresuid;
#endif
    return ::syscall(setGroups, credentials.groups.size(), credentials.groups.data()) == 0 &&
           ::syscall(setGroup, credentials.group, credentials.group, credentials.group) == 0 &&
           ::syscall(setUser, credentials.user, credentials.user, credentials.user) == 0;
#else
    return ::setgroups(static_cast<int>(credentials.groups.size()), credentials.groups.data()) == 0 &&
           ::setgid(credentials.group) == 0 && ::setuid(credentials.user) == 0;
#endif
}

/// A lock of the fcntl kind belongs to a process, survives exec, is not inherited by children and names its holder.
bool holdLock(const char* path)
{
    // No O_CLOEXEC: the server has to keep it open, because closing it releases the lock.
    const int descriptor = ::open(path, O_RDWR | O_NOFOLLOW);
    if (descriptor < 0)
        return false;
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_SETLK, &lock) == 0;
}

} // namespace

Result<void> sendSignal(qint64 processId, ProcessSignal signal)
{
    if (processId < 2) {
        return usageError(
            QCoreApplication::translate("lockscope::platform", "There is no process %1 to send a signal to.")
                .arg(processId));
    }
    if (::kill(static_cast<pid_t>(processId), signalNumber(signal)) == 0)
        return {};
    const int reason = errno;
    const QString what =
        reason == ESRCH
            ? QCoreApplication::translate("lockscope::platform", "The process %1 has ended already.").arg(processId)
            : QCoreApplication::translate("lockscope::platform", "The process %1 could not be sent a signal: %2.")
                  .arg(QString::number(processId), systemWords(reason));
    return failure({.kind = ErrorKind::Internal, .what = what});
}

bool processExists(qint64 processId)
{
    if (processId < 1 || (::kill(static_cast<pid_t>(processId), 0) != 0 && errno != EPERM))
        return false;
#ifdef Q_OS_LINUX
    // "pid (name) state ...", and the name may hold anything.
    QFile status(QStringLiteral("/proc/%1/stat").arg(processId));
    if (status.open(QIODevice::ReadOnly)) {
        const QByteArray line = status.readAll();
        const auto state = line.lastIndexOf(')') + 2;
        return state >= line.size() || (line.at(state) != 'Z' && line.at(state) != 'X');
    }
#endif
    return true;
}

bool waitForProcessEnd(qint64 processId, milliseconds timeout)
{
    const auto deadline = deadlineAfter(timeout);
#if defined(Q_OS_LINUX) && defined(SYS_pidfd_open)
    const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(processId), 0U));
    if (descriptor >= 0) {
        pollfd ended = {.fd = descriptor, .events = POLLIN, .revents = 0};
        const int ready = pollUntil(&ended, 1, deadline);
        ::close(descriptor);
        return ready > 0;
    }
#endif
    // Kernels without pidfd_open have no event for the end of a stranger.
    while (processExists(processId)) {
        if (steady_clock::now() >= deadline)
            return false;
        ::poll(nullptr, 0, 10);
    }
    return true;
}

#ifdef Q_OS_LINUX
namespace {

bool sameFile(const struct stat& one, const QByteArray& path)
{
    struct stat other = {};
    return ::stat(path.constData(), &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool hasOpen(const QString& process, const struct stat& file)
{
    const QDir descriptors(QStringLiteral("/proc/%1/fd").arg(process));
    const QStringList numbers = descriptors.entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
    return std::any_of(numbers.cbegin(), numbers.cend(), [&](const QString& number) {
        return sameFile(file, QFile::encodeName(descriptors.filePath(number)));
    });
}

} // namespace
#endif

int endProcessesIn([[maybe_unused]] const QString& directory, [[maybe_unused]] const QString& openFile)
{
    int killed = 0;
#if defined(Q_OS_LINUX) && defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
    struct stat place = {};
    struct stat file = {};
    if (::stat(QFile::encodeName(directory).constData(), &place) != 0 ||
        ::stat(QFile::encodeName(openFile).constData(), &file) != 0)
        return 0;
    const QStringList processes =
        QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[1-9]*")}, QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString& process : processes) {
        if (!sameFile(place, QFile::encodeName(QStringLiteral("/proc/%1/cwd").arg(process))))
            continue;
        // First the handle, then the proof, then the signal: so the number cannot come to mean another process
        // meanwhile.
        const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, process.toInt(), 0U));
        if (handle < 0)
            continue;
        if (hasOpen(process, file) && ::syscall(SYS_pidfd_send_signal, handle, SIGKILL, nullptr, 0U) == 0)
            ++killed;
        ::close(handle);
    }
#endif
    return killed;
}

void dieWithParent([[maybe_unused]] ProcessSignal signal, qint64 expectedParent)
{
#ifdef Q_OS_LINUX
    ::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signalNumber(signal)), 0UL, 0UL, 0UL);
#endif
    // After the request, because a parent that died before it is not announced.
    if (::getppid() != static_cast<pid_t>(expectedParent))
        ::_exit(126);
}

qint64 currentProcessId()
{
    return ::getpid();
}

bool isTerminal(std::FILE* stream)
{
    return isatty(fileno(stream)) == 1;
}

void forbidInspection()
{
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
#ifdef Q_OS_LINUX
    // Also makes /proc/self/environ and mem readable by root alone.
    ::prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
#endif
}

void speakEnglishInternally()
{
    std::setlocale(LC_MESSAGES, "C"); // gettext looks at LANGUAGE only in other locales than this one
}

bool isAdministrator()
{
    return ::geteuid() == 0;
}

std::optional<Account> unprivilegedAccount()
{
    for (const char* name : {"postgres", "nobody"}) {
        std::array<char, 16384> text;
        passwd entry = {};
        passwd* found = nullptr;
        if (::getpwnam_r(name, &entry, text.data(), text.size(), &found) == 0 && found && found->pw_uid != 0)
            return Account{QString::fromLocal8Bit(name), found->pw_uid, found->pw_gid};
    }
    return std::nullopt;
}

void prepareChild(QProcess& process, const std::optional<Account>& account, ProcessSignal onParentDeath,
                  const QString& lockFile)
{
    // Everything that reads files or allocates happens here, before the fork.
    std::optional<Credentials> credentials;
    if (account) {
        credentials.emplace(Credentials{account->userId, account->groupId, {}});
        std::array<gid_t, 256> groups;
        int count = groups.size();
        if (::getgrouplist(QFile::encodeName(account->name).constData(), account->groupId, groups.data(), &count) < 0)
            count = 0;
        credentials->groups.assign(groups.begin(), groups.begin() + count);
        if (process.workingDirectory().isEmpty())
            process.setWorkingDirectory(QStringLiteral("/"));
    }

    process.setChildProcessModifier(
        [credentials, onParentDeath, parent = currentProcessId(), lock = QFile::encodeName(lockFile)] {
            sigset_t none;
            sigemptyset(&none);
            ::sigprocmask(SIG_SETMASK, &none, nullptr);
            closeOnExec();
            // Ctrl+C in the terminal that the console was started from is for the console alone.
            ::setpgid(0, 0);
            if (credentials && !takeOn(*credentials))
                giveUp("could not change to the unprivileged account\n");
            if (!lock.isEmpty() && !holdLock(lock.constData()))
                giveUp("could not lock the file that tells that the server runs\n");
            // After the change of user, which clears the request.
            dieWithParent(onParentDeath, parent);
        });
}

void shutdownSocket(qintptr socket)
{
    if (socket >= 0)
        ::shutdown(static_cast<int>(socket), SHUT_RDWR);
}

WakeUp::WakeUp()
{
    makePipe(m_descriptors);
}

WakeUp::~WakeUp()
{
    closeBoth(m_descriptors);
}

void WakeUp::ring()
{
    ringPipe(m_descriptors[1]);
}

void WakeUp::clear()
{
    drain(m_descriptors[0]);
}

SocketEvent waitForSocket(qintptr socket, bool forWriting, milliseconds timeout, const WakeUp* wakeUp)
{
    // poll() passes over negative descriptors.
    std::array<pollfd, 2> descriptors = {{
        {.fd = wakeUp ? wakeUp->descriptor() : -1, .events = POLLIN, .revents = 0},
        {.fd = static_cast<int>(socket), .events = static_cast<short>(forWriting ? POLLOUT : POLLIN), .revents = 0},
    }};
    const int ready = pollUntil(descriptors.data(), descriptors.size(), deadlineAfter(timeout));
    if (ready == 0)
        return SocketEvent::TimedOut;
    if (ready < 0 || ((descriptors[0].revents | descriptors[1].revents) & POLLNVAL))
        return SocketEvent::Failed;
    if (descriptors[0].revents)
        return SocketEvent::WokenUp;
    return forWriting ? SocketEvent::Writable : SocketEvent::Readable;
}

namespace {

/// The write end of the pipe that a signal handler rings. A handler is given nothing but the number of the signal, so
/// this is the one thing in the tree that cannot be anybody's member.
std::atomic<int> terminationPipe = -1;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only read lock-free atomics");

constexpr std::array terminationSignals = {SIGINT, SIGTERM, SIGHUP};

void ringTermination(int /*signal*/)
{
    const int descriptor = terminationPipe.load();
    if (descriptor >= 0)
        ringPipe(descriptor);
}

/// Holds the pipe and the handlers as long as the context lives.
class TerminationWatch final : public QObject
{
public:
    TerminationWatch(QObject* context, std::function<void()> callback)
        : QObject(context)
        , m_callback(std::move(callback))
    {
        makePipe(m_descriptors);
        auto* notifier = new QSocketNotifier(m_descriptors[0], QSocketNotifier::Read, this);
        connect(notifier, &QSocketNotifier::activated, this, [this] {
            drain(m_descriptors[0]);
            m_callback();
        });
        terminationPipe.store(m_descriptors[1]);
        for (const int signal : terminationSignals) {
            struct sigaction before = {};
            ::sigaction(signal, nullptr, &before);
            if (before.sa_handler != SIG_IGN)
                install(signal, ringTermination);
        }
    }

    ~TerminationWatch() override
    {
        for (const int signal : terminationSignals) {
            struct sigaction before = {};
            ::sigaction(signal, nullptr, &before);
            if (before.sa_handler == ringTermination)
                install(signal, SIG_DFL);
        }
        terminationPipe.store(-1);
        qDeleteAll(children()); // the notifier goes before its descriptor
        closeBoth(m_descriptors);
    }
    Q_DISABLE_COPY_MOVE(TerminationWatch)

private:
    static void install(int signal, void (*handler)(int))
    {
        struct sigaction action = {};
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        ::sigaction(signal, &action, nullptr);
    }

    int m_descriptors[2] = {-1, -1};
    std::function<void()> m_callback;
};

} // namespace

void onTerminationRequest(QObject* context, std::function<void()> callback)
{
    new TerminationWatch(context, std::move(callback)); // context owns it
}

} // namespace lockscope::platform
