#include "ui/serversettings.h"

#include "models/domain/displaytext.h"
#include "ui/safetext.h"
#include "ui/theme.h"

#include <QGridLayout>

namespace lockscope {

namespace {

constexpr int valueCharacters = 40;

} // namespace

ServerSettings::ServerSettings(QWidget* parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    setObjectName(QStringLiteral("serverSettings"));
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(3 * theme::grid());
    m_grid->setVerticalSpacing(theme::grid());
    m_grid->setColumnStretch(2, 1);
}

void ServerSettings::setSettings(const QList<ServerSetting>& settings, const ServerInfo& server)
{
    while (m_lines.size() < settings.size()) {
        const int row = static_cast<int>(m_lines.size());
        const Line line{safetext::label(), safetext::label(), safetext::mutedLabel()};
        line.name->setFont(theme::monospace());
        line.value->setFont(theme::monospace());
        m_grid->addWidget(line.name, row, 0, Qt::AlignTop);
        m_grid->addWidget(line.value, row, 1, Qt::AlignTop);
        m_grid->addWidget(line.meaning, row, 2);
        m_lines.append(line);
    }
    for (qsizetype row = 0; row < settings.size(); ++row) {
        const ServerSetting& setting = settings.at(row);
        const Line& line = m_lines.at(row);
        line.name->setText(cellText(setting.name, valueCharacters));
        line.value->setText(setting.exists ? cellText(setting.value, valueCharacters) : QStringLiteral("\u2013"));
        safetext::setToolTip(
            line.value, setting.exists ? tr("Set by: %1").arg(cellText(setting.source, valueCharacters)) : QString());
        QString sentence = meaning(setting, server);
        if (setting.pendingRestart)
            sentence += u' ' + tr("It was changed in the configuration file, and needs a restart to count.");
        line.meaning->setText(sentence);
    }
}

QString ServerSettings::text() const
{
    QStringList lines;
    for (const Line& line : m_lines)
        lines.append(QStringLiteral("%1 = %2: %3").arg(line.name->text(), line.value->text(), line.meaning->text()));
    return lines.join(u'\n');
}

} // namespace lockscope
