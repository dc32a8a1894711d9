#include "app/platform/files.h"

#include <QCoreApplication>
#include <QFile>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lockscope::platform {

namespace {

tl::unexpected<Error> fileError(const QString& what, int reason)
{
    const QString advice =
        reason == ENOSPC || reason == EDQUOT
            ? QCoreApplication::translate("lockscope::platform", "Free some space on that disk, or set "
                                                                 "TMPDIR to a directory with more of it.")
            : QString();
    return failure({.kind = ErrorKind::Internal,
                    .what = QCoreApplication::translate("lockscope::platform", "%1: %2.")
                                .arg(what, QString::fromLocal8Bit(std::strerror(reason))),
                    .advice = advice});
}

class Descriptor
{
public:
    explicit Descriptor(int number)
        : m_number(number)
    {
    }
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Q_DISABLE_COPY_MOVE(Descriptor)
    [[nodiscard]] int number() const { return m_number; }
    [[nodiscard]] bool isOpen() const { return m_number >= 0; }
    [[nodiscard]] int release() { return std::exchange(m_number, -1); }

private:
    int m_number = -1;
};

struct DirectoryCloser
{
    void operator()(DIR* directory) const { ::closedir(directory); }
};

/// Removes what is in an open directory, but not the entry `kept`. Every step is relative to an open directory and
/// refuses links, so that nobody can swap a part of the path for a link meanwhile. Returns 0 or the first errno.
int emptyDirectory(int directory, const QByteArray& kept)
{
    const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, DirectoryCloser> entries(copy < 0 ? nullptr : ::fdopendir(copy));
    if (!entries)
        return errno;
    int problem = 0;
    while (const dirent* entry = ::readdir(entries.get())) {
        const QByteArray name(entry->d_name);
        if (name == "." || name == ".." || name == kept)
            continue;
        if (::unlinkat(directory, name.constData(), 0) == 0 || errno == ENOENT)
            continue;
        // Linux says EISDIR, POSIX EPERM.
        const int reason = errno;
        const Descriptor inner(::openat(directory, name.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!inner.isOpen()) {
            problem = problem ? problem : reason;
            continue;
        }
        const int innerProblem = emptyDirectory(inner.number(), {});
        if (::unlinkat(directory, name.constData(), AT_REMOVEDIR) != 0 && errno != ENOENT)
            problem = problem ? problem : (innerProblem ? innerProblem : errno);
    }
    return problem;
}

bool sameFile(const struct stat& one, const struct stat& other)
{
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

} // namespace

Result<QString> createPrivateDirectory(const QString& prefix)
{
    QByteArray path = QFile::encodeName(prefix) + "XXXXXX";
    if (!::mkdtemp(path.data())) {
        return fileError(
            QCoreApplication::translate("lockscope::platform", "A directory %1... could not be made").arg(prefix),
            errno);
    }
    return QFile::decodeName(path);
}

Result<void> makeDirectory(const QString& path, const std::optional<Account>& account)
{
    if (::mkdir(QFile::encodeName(path).constData(), 0700) != 0) {
        return fileError(
            QCoreApplication::translate("lockscope::platform", "The directory %1 could not be made").arg(path), errno);
    }
    return account ? giveTo(path, *account) : Result<void>{};
}

Result<void> letThrough(const QString& directory, const Account& account)
{
    const QByteArray path = QFile::encodeName(directory);
    if (::lchown(path.constData(), static_cast<uid_t>(-1), account.groupId) == 0 &&
        ::chmod(path.constData(), 0710) == 0)
        return {};
    return fileError(QCoreApplication::translate("lockscope::platform", "The directory %1 could not be opened to %2")
                         .arg(directory, account.name),
                     errno);
}

Result<void> giveTo(const QString& path, const Account& account)
{
    if (::lchown(QFile::encodeName(path).constData(), account.userId, account.groupId) == 0)
        return {};
    return fileError(
        QCoreApplication::translate("lockscope::platform", "%1 could not be given to %2").arg(path, account.name),
        errno);
}

bool isOwnDirectory(const QString& path)
{
    struct stat status = {};
    return ::lstat(QFile::encodeName(path).constData(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid();
}

Result<void> removeTree(const QString& directory, const QString& last)
{
    const QByteArray path = QFile::encodeName(directory);
    const QByteArray lastName = QFile::encodeName(last);
    const Descriptor opened(::open(path.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!opened.isOpen() && errno == ENOENT)
        return {};
    int problem = opened.isOpen() ? 0 : errno;
    // A process that is just ending may write once more between emptying and removing.
    for (int attempt = 0; opened.isOpen() && attempt < 20; ++attempt) {
        problem = emptyDirectory(opened.number(), lastName);
        if (problem != 0)
            continue;
        if (!lastName.isEmpty())
            ::unlinkat(opened.number(), lastName.constData(), 0);
        if (::rmdir(path.constData()) == 0 || errno == ENOENT)
            return {};
        problem = errno;
    }
    return fileError(
        QCoreApplication::translate("lockscope::platform", "The directory %1 could not be removed").arg(directory),
        problem);
}

Result<OwnerLock> OwnerLock::create(const QString& path, const QByteArray& content)
{
    const QByteArray name = QFile::encodeName(path);
    const QByteArray early = name + ".new";
    Descriptor file(::open(early.constData(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.isOpen() && ::flock(file.number(), LOCK_EX | LOCK_NB) == 0 &&
        ::write(file.number(), content.constData(), static_cast<size_t>(content.size())) == content.size() &&
        ::rename(early.constData(), name.constData()) == 0)
        return OwnerLock(file.release());
    const int reason = errno;
    ::unlink(early.constData());
    return fileError(QCoreApplication::translate("lockscope::platform", "The file %1 could not be made").arg(path),
                     reason);
}

std::optional<OwnerLock> OwnerLock::takeOver(const QString& path, const QByteArray& content)
{
    const QByteArray name = QFile::encodeName(path);
    // O_NONBLOCK: a pipe of that name must not hold us up.
    Descriptor file(::open(name.constData(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct stat status = {};
    if (!file.isOpen() || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid())
        return std::nullopt;
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0)
        return std::nullopt;
    // Somebody else may have locked, removed and unlocked it between our open and our lock.
    struct stat now = {};
    if (::lstat(name.constData(), &now) != 0 || !sameFile(status, now))
        return std::nullopt;
    QByteArray found(content.size(), '\0');
    if (::pread(file.number(), found.data(), static_cast<size_t>(found.size()), 0) != found.size() || found != content)
        return std::nullopt;
    return OwnerLock(file.release());
}

OwnerLock::~OwnerLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

qint64 lockHolder(const QString& lockFile)
{
    const Descriptor file(
        ::open(QFile::encodeName(lockFile).constData(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (!file.isOpen() || ::fcntl(file.number(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid;
}

bool isFreeLoopbackPort(quint16 port)
{
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return socket.isOpen() && ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void removeSharedMemory(int id, qint64 key, const QString& directory)
{
    struct stat status = {};
    shmid_ds segment = {};
    if (::lstat(QFile::encodeName(directory).constData(), &status) != 0 || ::shmctl(id, IPC_STAT, &segment) != 0)
        return;
#ifdef Q_OS_LINUX
    const auto segmentKey = segment.shm_perm.__key;
#else
    const auto segmentKey = segment.shm_perm._key;
#endif
    if (static_cast<quint32>(segmentKey) == static_cast<quint32>(key) && segment.shm_perm.uid == status.st_uid)
        ::shmctl(id, IPC_RMID, nullptr);
}

} // namespace lockscope::platform
