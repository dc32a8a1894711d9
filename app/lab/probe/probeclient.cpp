#include "app/lab/probe/probeclient.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(Probe)
};

/// Whoever waits gives up long before this; it only keeps a forgotten statement from running for ever.
constexpr std::chrono::seconds statementLimit{60};
constexpr int rowsKept = 100;
/// A server with few connections gives the slot of a client that has just gone back only when its backend has ended.
constexpr std::chrono::milliseconds slotPatience{500};
constexpr std::chrono::milliseconds slotPause{20};

} // namespace

std::optional<qint32> ProbeAnswer::pid() const
{
    if (error || rows.isEmpty() || rows.first().isEmpty())
        return {};
    bool isNumber = false;
    const int number = rows.first().last().toInt(&isNumber);
    if (!isNumber || number <= 0)
        return {};
    return number;
}

QString ProbeAnswer::words() const
{
    if (!error)
        return {};
    const QString words = error->serverWords.section(QLatin1Char('\n'), 0, 0);
    return cellText(words.isEmpty() ? error->what : words, 300);
}

ProbeClient::ProbeClient(QString name, Conninfo conninfo, ProbeStop& stop, QStringList& evidence)
    : m_name(std::move(name))
    , m_conninfo(std::move(conninfo))
    , m_stop(stop)
    , m_evidence(evidence)
{
    m_stop.add(&m_wakeUp);
}

ProbeClient::~ProbeClient()
{
    close();
    m_stop.remove(&m_wakeUp);
}

Result<void> ProbeClient::open(std::chrono::milliseconds limit)
{
    close();
    m_wakeUp.clear();
    const auto until = std::chrono::steady_clock::now() + slotPatience;
    while (true) {
        // Asked after clearing: a stop that comes later rings again.
        if (m_stop.isStopped())
            return failure({.kind = ErrorKind::Connection, .what = Text::tr("The probe was stopped.")});
        Result<void> opened = m_connection.open(m_conninfo, limit);
        const bool isFull = !opened && opened.error().sqlState == QLatin1StringView("53300");
        if (!isFull || std::chrono::steady_clock::now() >= until)
            return opened;
        static_cast<void>(platform::waitForSocket(-1, false, slotPause, &m_wakeUp));
    }
}

void ProbeClient::close()
{
    if (m_running.valid()) {
        m_wakeUp.ring();
        m_running.get();
    }
    m_connection.close();
}

void ProbeClient::drop()
{
    if (!m_connection.isOpen() || m_running.valid())
        return;
    m_evidence.append(Text::tr("%1: its socket is closed without a goodbye, as for a killed program").arg(m_name));
    platform::shutdownSocket(m_connection.socket());
    m_connection.close();
}

void ProbeClient::begin(const QByteArray& statement, const QString& shown)
{
    m_shown = shown.isEmpty()
                  ? QString::fromUtf8(statement).replace(QLatin1String("pg_catalog."), QString()).simplified()
                  : shown;
    m_running = std::async(std::launch::async, [this, statement] { return run(statement); });
}

std::optional<ProbeAnswer> ProbeClient::within(std::chrono::milliseconds patience)
{
    if (m_running.wait_for(patience) != std::future_status::ready)
        return {};
    ProbeAnswer answer = m_running.get();
    note(answer);
    return answer;
}

ProbeAnswer ProbeClient::finish(std::chrono::milliseconds limit)
{
    if (auto answer = within(limit))
        return std::move(*answer);
    m_wakeUp.ring();
    ProbeAnswer answer = m_running.get();
    // It may have come at the last moment.
    answer.unanswered = answer.error.has_value() && !m_stop.isStopped();
    note(answer);
    return answer;
}

ProbeAnswer ProbeClient::ask(const QByteArray& statement, std::chrono::milliseconds limit, const QString& shown)
{
    begin(statement, shown);
    return finish(limit);
}

ProbeAnswer ProbeClient::run(const QByteArray& statement)
{
    ProbeAnswer answer;
    const Result<std::vector<QueryAnswer>> results = m_connection.execute(statement, statementLimit);
    answer.notices = m_connection.takeNotices();
    if (!results) {
        answer.error = results.error();
        return answer;
    }
    if (results->empty())
        return answer;
    const QueryAnswer& last = results->back();
    for (int row = 0; row < std::min(last.rows(), rowsKept); ++row) {
        QStringList cells;
        for (int column = 0; column < last.columns(); ++column)
            cells.append(last.isNull(row, column) ? QString() : last.text(row, column));
        answer.rows.append(cells);
    }
    return answer;
}

void ProbeClient::note(const ProbeAnswer& answer)
{
    QString result;
    if (answer.unanswered)
        result = Text::tr("no answer, given up");
    else if (answer.error)
        result =
            (answer.error->sqlState.isEmpty() ? QString() : answer.error->sqlState + QLatin1Char(' ')) + answer.words();
    QStringList rows;
    for (const QStringList& row : answer.rows)
        rows.append(row.join(QLatin1String(", ")));
    if (!answer.error)
        result = rows.isEmpty() ? Text::tr("done, no row") : rows.join(QLatin1String("; "));
    QString line = m_name + QLatin1String(": ") + m_shown + QString::fromUtf8(" \u2192 ") + cellText(result, 400);
    for (const QString& notice : answer.notices)
        line += QLatin1String("  ") + cellText(notice, 200);
    m_evidence.append(line);
}

} // namespace lockscope
