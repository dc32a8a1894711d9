#pragma once

#include "models/domain/keyformulas.h"
#include "models/domain/locktarget.h"
#include "models/domain/result.h"

#include <QHash>
#include <QList>

#include <variant>

namespace lockscope {

/// How much a match says: High is a number that nobody takes by chance, Low a small or guessable one, None a hash of a
/// name that somebody chose.
enum class Specificity : quint8
{
    High,
    Medium,
    Low,
    None
};

/// One entry of resources/known-keys.json, read and checked. A value; how keys are looked up in it is in KeyDictionary.
struct KnownKey
{
    /// One whole key, of either form.
    struct Constant
    {
        LockKey key = {};
    };
    /// The upper half of the key; the lower one varies.
    struct ClassId
    {
        KeyForm form = KeyForm::Int4Pair;
        qint32 classid = 0;
    };
    /// Extensions that lock in key spaces of their own (4 to 16), which no SQL function reaches.
    struct ObjSubId
    {
        quint16 objsubid = 0;
    };
    /// Follows from the name of the database.
    struct Formula
    {
        KeyFormula formula = KeyFormula::Rails;
        QString suffix = {};
    };
    /// The server has to hash this text; "{database}" in it stands for the name of the database.
    struct ServerHashed
    {
        QString text = {};
        bool extended = false; ///< hashtextextended with the seed, else hashtext
        qint64 seed = 0;
    };
    /// All keys between two corners, inclusive; of pairs both halves lie between.
    struct Range
    {
        LockKey first = {};
        LockKey last = {};
        [[nodiscard]] bool contains(LockKey key) const;
    };
    /// A pair that spells a name, see asciiName().
    struct AsciiName
    {
    };
    /// Any key at all: listed for the reader of the file, never matched.
    struct HashOfName
    {
    };
    /// What the program that has this entry takes in a database of that name, as its authors or a server computed it.
    struct Sample
    {
        QString database = {};
        LockKey key = {};
    };

    QString id = {};
    QString project = {};
    QString name = {}; ///< of the project, short enough for a cell
    QString purpose = {};
    QString source = {}; ///< "owner/repository path"
    QString notes = {};
    QString detail = {};                ///< a template, see keyDetail()
    QHash<qint64, QString> values = {}; ///< names of numbers, for {value} in detail
    Specificity specificity = Specificity::None;
    std::variant<Constant, ClassId, ObjSubId, Formula, ServerHashed, Range, AsciiName, HashOfName> match = HashOfName{};
    QList<Sample> samples = {};
};

/// Reads the whole file or nothing. Strict: a field that is unknown, missing, of another type or out of range is an
/// error that names the entry and the field.
[[nodiscard]] Result<QList<KnownKey>> readKnownKeys(const QByteArray& json);

} // namespace lockscope
