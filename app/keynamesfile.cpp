#include "app/keynamesfile.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>

namespace lockscope {

namespace {

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::KeyNamesFile)
};

/// What is there, with what became of known in wanted: taken away what wanted lacks, added what is new in it.
template <typename T>
QList<T> merged(const QList<T>& there, const QList<T>& known, const QList<T>& wanted)
{
    if (there == known)
        return wanted; // with its order
    QList<T> result = there;
    for (const auto& one : known) {
        if (!wanted.contains(one))
            result.removeOne(one);
    }
    for (const auto& one : wanted) {
        if (!known.contains(one) && !result.contains(one))
            result.append(one);
    }
    return result;
}

} // namespace

Result<KeyNamesDocument> KeyNamesFile::read() const
{
    QFile file(m_path);
    if (!file.exists())
        return KeyNamesDocument();
    if (!file.open(QIODevice::ReadOnly))
        return failure({.kind = ErrorKind::Internal,
                        .what = Messages::tr("The names of keys in %1 cannot be read: %2.")
                                    .arg(QDir::toNativeSeparators(m_path), file.errorString()),
                        .advice = Messages::tr("Nothing is written to it either. Check its permissions.")});
    auto document = KeyNamesDocument::fromJson(file.read(KeyNamesDocument::maximumBytes + 1));
    if (!document) {
        Error error = std::move(document.error());
        error.advice = Messages::tr("Correct that place in %1, or move the file away. It is not changed until then.")
                           .arg(QDir::toNativeSeparators(m_path));
        return failure(std::move(error));
    }
    return document;
}

Result<KeyNamesDocument> KeyNamesFile::save(const KeyNamesDocument& known, const KeyNamesDocument& wanted) const
{
    const auto there = read();
    if (!there)
        return failure(there.error());
    const KeyNamesDocument result{.labels = merged(there->labels, known.labels, wanted.labels),
                                  .queries = merged(there->queries, known.queries, wanted.queries)};
    if (result == *there)
        return result;
    // What is written must be read again at the next start.
    const QByteArray content = result.toJson();
    if (const auto readable = KeyNamesDocument::fromJson(content); !readable)
        return failure(readable.error());
    if (const auto written = write(content); !written)
        return failure(written.error());
    return result;
}

Result<void> KeyNamesFile::write(const QByteArray& content) const
{
    QDir().mkpath(QFileInfo(m_path).absolutePath());
    QSaveFile file(m_path);
    // Names of customers and SQL are nobody else's business.
    if (file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
        file.write(content) == content.size() && file.commit())
        return {};
    return failure({.kind = ErrorKind::Internal,
                    .what = Messages::tr("The names of keys could not be saved to %1: %2.")
                                .arg(QDir::toNativeSeparators(m_path), file.errorString()),
                    .advice = Messages::tr("They are in use until the console ends. Check the folder and the space on "
                                           "the disk.")});
}

} // namespace lockscope
