#include "app/postgres/noticelist.h"

#include <QCoreApplication>

#include <libpq-fe.h>

#include <utility>

namespace lockscope {

namespace {

constexpr qsizetype keptNotices = 1000;
constexpr qsizetype keptNoticeLength = 4096;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::NoticeList)
};

QString bounded(const char* text)
{
    return QString::fromUtf8(text, static_cast<qsizetype>(qstrnlen(text, keptNoticeLength))).trimmed();
}

} // namespace

void NoticeList::add(const pg_result* notice)
{
    if (m_lines.size() >= keptNotices) {
        ++m_dropped;
        return;
    }
    const auto* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const auto* text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    if (text)
        m_lines.append(bounded(severity ? severity : "NOTICE") + QLatin1StringView(": ") + bounded(text));
    else
        m_lines.append(bounded(PQresultErrorMessage(notice))); // libpq's own have no fields
}

QStringList NoticeList::take()
{
    if (const auto dropped = std::exchange(m_dropped, 0))
        m_lines.append(Messages::tr("NOTICE: %1 more messages were not kept").arg(dropped));
    return std::exchange(m_lines, {});
}

} // namespace lockscope
