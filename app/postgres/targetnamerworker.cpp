#include "app/postgres/targetnamerworker.h"

#include "app/postgres/serverinquiry.h"
#include "app/postgres/sqlfile.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto statementDeadline = 5s;
constexpr auto closedAfter = 30s;
/// A connection into a database that nobody asked to be connected to is in the way of DROP DATABASE.
constexpr auto closedElsewhereAfter = 2s;
/// What is not there may be about to be: a table that is being created is visible to others once it is committed.
constexpr auto missingAskedAgainAfter = 10s;
/// Doubled each time a login gets no answer: with pg_class locked, the backend of each login that was given up stays,
/// and takes one of the server's connections, until that lock is gone.
constexpr auto unreachableTriedAgainAfter = 30s;
constexpr auto unreachableTriedAgainAtLast = 16min;
/// Tables are renamed, and oids of dropped ones are given out again.
constexpr auto namesAskedAgainAfter = 60s;
/// Objects are asked one by one, because one that is gone fails the whole statement before 14.
constexpr qsizetype objectsAtATime = 50;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::TargetNamer)
};

struct Kind
{
    char16_t relkind;
    const char16_t* words;
};

/// pg_class.relkind in PostgreSQL's words.
constexpr std::array kinds{
    Kind{u'r', u"table"},          Kind{u'p', u"partitioned table"},
    Kind{u'i', u"index"},          Kind{u'I', u"partitioned index"},
    Kind{u'S', u"sequence"},       Kind{u't', u"TOAST table"},
    Kind{u'v', u"view"},           Kind{u'm', u"materialized view"},
    Kind{u'c', u"composite type"}, Kind{u'f', u"foreign table"},
};

QString kindOf(const QString& relkind)
{
    const auto kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind& one) { return relkind == QChar(one.relkind); });
    return kind != kinds.end() ? QString::fromUtf16(kind->words) : QStringLiteral("relation");
}

QString noteOf(const QString& kind, const QString& belongsTo)
{
    if (belongsTo.isEmpty())
        return {};
    return QStringLiteral("%1 of %2").arg(kind, belongsTo);
}

} // namespace

TargetNamerWorker::TargetNamerWorker(const Conninfo& conninfo, const ServerInfo& server,
                                     const std::shared_ptr<platform::WakeUp>& wakeUp)
    : m_conninfo(conninfo)
    , m_server(server)
    , m_wakeUp(wakeUp)
    , m_idle(this)
{
    m_idle.setSingleShot(true);
    connect(&m_idle, &QTimer::timeout, this, [this] { m_connection.reset(); });
}

TargetNamerWorker::~TargetNamerWorker() = default;

void TargetNamerWorker::ask(const QSet<ObjectAddress>& addresses, const QHash<quint32, QString>& databaseNames)
{
    m_changed = false;
    const QHash<quint32, Question> questions = questionsFor(addresses);
    for (const Question& question : questions) {
        const QString database = question.databaseOid == m_server.databaseOid
                                     ? m_server.database
                                     : databaseNames.value(question.databaseOid);
        if (database.isEmpty())
            continue;
        auto answered = connectTo(question.databaseOid, database);
        const bool loggedIn = answered.has_value();
        if (answered)
            answered = answer(question);
        if (answered) {
            m_unreachable.remove(question.databaseOid);
            m_changed |= m_names.troubles.remove(question.databaseOid) > 0;
            continue;
        }
        const auto before = m_unreachable.value(question.databaseOid).pause;
        m_unreachable.insert(question.databaseOid,
                             {.at = steady_clock::now(),
                              .pause = loggedIn || before == 0s
                                           ? unreachableTriedAgainAfter
                                           : std::min<std::chrono::seconds>(2 * before, unreachableTriedAgainAtLast)});
        QString& trouble = m_names.troubles[question.databaseOid];
        const QString words = Messages::tr("Names in %1 cannot be read now: %2").arg(database, answered.error().what);
        m_changed |= trouble != words;
        trouble = words;
    }
    if (!questions.isEmpty())
        m_idle.start(m_connectedTo == m_server.databaseOid ? closedAfter : closedElsewhereAfter);
    Q_EMIT answered(m_changed ? std::make_shared<const TargetNames>(m_names) : nullptr);
}

/// By the database they are asked in: shared objects can be asked anywhere, so here.
QHash<quint32, TargetNamerWorker::Question> TargetNamerWorker::questionsFor(const QSet<ObjectAddress>& addresses)
{
    QHash<quint32, Question> questions;
    const auto now = steady_clock::now();
    const auto add = [&](const ObjectAddress& address) {
        const quint32 database = address.databaseOid == 0 ? m_server.databaseOid : address.databaseOid;
        const auto unreachable = m_unreachable.constFind(database);
        if (unreachable != m_unreachable.cend() && now - unreachable->at < unreachable->pause)
            return;
        Question& question = questions[database];
        question.databaseOid = database;
        (address.classid == relationCatalog ? question.relations : question.objects).append(address);
    };
    for (const ObjectAddress& address : addresses) {
        const auto asked = m_askedAt.constFind(address);
        if (asked == m_askedAt.cend() || now - *asked > missingAskedAgainAfter)
            add(address);
    }
    for (auto known = m_names.names.cbegin(); known != m_names.names.cend(); ++known) {
        if (now - m_askedAt.value(known.key()) > namesAskedAgainAfter)
            add(known.key());
    }
    return questions;
}

Result<void> TargetNamerWorker::connectTo(quint32 databaseOid, const QString& database)
{
    if (m_connection && m_connectedTo == databaseOid && m_connection->isOpen())
        return {};
    m_connection = std::make_unique<LibpqConnection>(m_wakeUp.get());
    Conninfo conninfo = sameHost(m_conninfo, m_server);
    if (databaseOid != m_server.databaseOid)
        conninfo.set(QStringLiteral("dbname"), database);
    const auto complete = withDefaults(conninfo, QStringLiteral("lockscope names"));
    m_connectedTo = databaseOid;
    return m_connection->open(complete, openTimeout(complete));
}

Result<void> TargetNamerWorker::answer(const Question& question)
{
    if (!question.relations.isEmpty()) {
        if (auto named = nameRelations(question.relations); !named)
            return named;
    }
    const QList<ObjectAddress> objects = question.objects.mid(0, objectsAtATime);
    for (const ObjectAddress& address : objects) {
        if (auto named = nameObject(address); !named)
            return named;
    }
    return {};
}

Result<void> TargetNamerWorker::nameRelations(const QList<ObjectAddress>& addresses)
{
    QByteArray oids;
    QHash<quint32, ObjectAddress> wanted;
    const auto now = steady_clock::now();
    for (const ObjectAddress& address : addresses) {
        oids += (oids.isEmpty() ? "" : ",") + QByteArray::number(address.objid);
        wanted.insert(address.objid, address);
        m_askedAt.insert(address, now);
    }
    const auto answer = m_connection->executeOne(sqlStatement(QStringLiteral("name_limits")) + ";\n" +
                                                     sqlStatement(QStringLiteral("relation_names")).replace("%1", oids),
                                                 statementDeadline);
    if (!answer)
        return failure(answer.error());
    for (int row = 0; row < answer->rows(); ++row) {
        const auto address = wanted.constFind(static_cast<quint32>(answer->int64(row, 0)));
        // An oid is unique in one database only; a shared relation has database 0 in pg_locks.
        if (address == wanted.cend() || answer->boolean(row, 1) != (address->databaseOid == 0))
            continue;
        const QString kind = kindOf(answer->text(row, 3));
        remember(*address, {.name = answer->text(row, 2), .kind = kind, .note = noteOf(kind, answer->text(row, 4))});
        wanted.erase(address);
    }
    for (const ObjectAddress& gone : std::as_const(wanted))
        m_changed |= m_names.names.remove(gone) > 0;
    return {};
}

Result<void> TargetNamerWorker::nameObject(const ObjectAddress& address)
{
    m_askedAt.insert(address, steady_clock::now());
    const auto answer = m_connection->executeOne(sqlStatement(QStringLiteral("name_limits")) + ";\n" +
                                                     sqlStatement(QStringLiteral("object_name"))
                                                         .replace("%1", QByteArray::number(address.classid))
                                                         .replace("%2", QByteArray::number(address.objid))
                                                         .replace("%3", QByteArray::number(address.objsubid)),
                                                 statementDeadline);
    if (!answer) {
        // A lock in the way is a reason to stop here; an object that is gone is not.
        const QString& state = answer.error().sqlState;
        if (m_connection->isBroken() || state == QLatin1String("55P03") || state == QLatin1String("57014"))
            return failure(answer.error());
        m_changed |= m_names.names.remove(address) > 0;
        return {};
    }
    if (answer->rows() == 1 && !answer->isNull(0, 1))
        remember(address, {.name = answer->text(0, 1), .kind = answer->text(0, 0)});
    return {};
}

void TargetNamerWorker::remember(const ObjectAddress& address, const ObjectName& name)
{
    ObjectName& known = m_names.names[address];
    m_changed |= known != name;
    known = name;
}

} // namespace lockscope
