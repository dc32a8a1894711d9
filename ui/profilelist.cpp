#include "ui/profilelist.h"

#include "models/domain/displaytext.h"
#include "ui/conninfotext.h"
#include "ui/icons.h"
#include "ui/safetext.h"

#include <QHBoxLayout>
#include <QListWidget>
#include <QScopedValueRollback>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int PositionRole = Qt::UserRole;  ///< in the list of its kind; -1 for a heading
constexpr int SavedRole = Qt::UserRole + 1; ///< bool

QToolButton* toolButton(const QString& objectName, IconName picture, const QString& text, const QString& toolTip)
{
    auto* const button = new QToolButton;
    button->setObjectName(objectName);
    button->setIcon(icon(picture));
    button->setText(text);
    button->setAccessibleName(text);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setAutoRaise(true);
    safetext::setToolTip(button, toolTip);
    return button;
}

} // namespace

ProfileList::ProfileList(QWidget* parent)
    : QWidget(parent)
    , m_list(new QListWidget)
    , m_rename(toolButton(QStringLiteral("renameProfileButton"), IconName::Rename, tr("Rename"),
                          tr("Give the selected profile another name")))
    , m_delete(toolButton(QStringLiteral("deleteProfileButton"), IconName::Trash, tr("Delete"),
                          tr("Forget the selected profile")))
{
    m_list->setObjectName(QStringLiteral("profileList"));
    m_list->setAccessibleName(tr("Saved and recent connections"));
    m_list->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setIconSize(QSize(theme::iconSize(), theme::iconSize()));

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(0);
    buttons->addWidget(m_rename);
    buttons->addWidget(m_delete);
    buttons->addStretch(1);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addWidget(m_list, 1);
    layout->addLayout(buttons);

    connect(m_list, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
        const bool saved = savedIndex(item) >= 0;
        m_rename->setEnabled(saved);
        m_delete->setEnabled(saved);
        if (const ConnectionProfile* const profile = profileOf(item); profile != nullptr && !m_filling)
            Q_EMIT picked(*profile);
    });
    connect(m_list, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        if (const ConnectionProfile* const profile = profileOf(item))
            Q_EMIT activated(*profile);
    });
    connect(m_list, &QListWidget::itemChanged, this, &ProfileList::rename);
    connect(m_rename, &QToolButton::clicked, this, [this] { m_list->editItem(m_list->currentItem()); });
    connect(m_delete, &QToolButton::clicked, this, &ProfileList::removeCurrent);
    fill();
}

void ProfileList::setProfiles(const QList<ConnectionProfile>& profiles)
{
    m_profiles = profiles;
    fill();
}

void ProfileList::setRecent(const QList<ConnectionProfile>& recent)
{
    m_recent = recent;
    fill();
}

void ProfileList::save(const ConnectionProfile& profile)
{
    const auto same = std::find_if(m_profiles.begin(), m_profiles.end(),
                                   [&profile](const ConnectionProfile& other) { return other.name == profile.name; });
    if (same != m_profiles.end())
        *same = profile;
    else
        m_profiles.append(profile);
    fill();
    Q_EMIT profilesChanged(m_profiles);
}

void ProfileList::fill()
{
    const QScopedValueRollback<bool> filling(m_filling, true);
    m_list->clear();
    const auto heading = [this](const QString& text) {
        auto* const item = new QListWidgetItem(text, m_list);
        item->setFlags(Qt::NoItemFlags);
        item->setData(PositionRole, -1);
        item->setFont(theme::strongFont());
    };
    const auto add = [this](const ConnectionProfile& profile, int position, bool saved) {
        const QString text = profile.name.isEmpty() ? profile.conninfo : profile.name;
        auto* const item = new QListWidgetItem(cellText(text, 200), m_list);
        item->setSizeHint(QSize(0, theme::rowHeight(true)));
        item->setIcon(icon(saved ? IconName::Server : IconName::Reset));
        item->setToolTip(plainTooltip(profile.conninfo));
        item->setData(PositionRole, position);
        item->setData(SavedRole, saved);
        if (saved)
            item->setFlags(item->flags() | Qt::ItemIsEditable);
    };
    if (!m_profiles.isEmpty())
        heading(tr("Saved"));
    for (int position = 0; position < m_profiles.size(); ++position)
        add(m_profiles.at(position), position, true);
    if (!m_recent.isEmpty())
        heading(tr("Recent"));
    for (int position = 0; position < m_recent.size(); ++position) {
        ConnectionProfile shown = m_recent.at(position);
        const auto sameName = [&shown](const ConnectionProfile& other) { return other.name == shown.name; };
        const auto parts = ConninfoText::read(shown.conninfo);
        const QString user = parts ? parts->value(QStringLiteral("user")) : QString();
        // The same server as another role is another entry, and must look like one.
        if (!shown.name.isEmpty() && !user.isEmpty() && std::count_if(m_recent.cbegin(), m_recent.cend(), sameName) > 1)
            shown.name = tr("%1 as %2").arg(shown.name, user);
        add(shown, position, false);
    }
    if (m_list->count() == 0)
        heading(tr("No saved connections"));
    m_rename->setEnabled(false);
    m_delete->setEnabled(false);
}

void ProfileList::rename(QListWidgetItem* item)
{
    const qsizetype index = savedIndex(item);
    if (m_filling || index < 0)
        return;
    const QString name = item->text().trimmed().left(maximumNameLength);
    const bool taken = std::any_of(m_profiles.cbegin(), m_profiles.cend(),
                                   [&name](const ConnectionProfile& other) { return other.name == name; });
    if (!name.isEmpty() && !taken) {
        m_profiles[index].name = name;
        Q_EMIT profilesChanged(m_profiles);
    }
    const QScopedValueRollback<bool> filling(m_filling, true);
    item->setText(cellText(m_profiles.at(index).name, 200));
}

void ProfileList::removeCurrent()
{
    const qsizetype index = savedIndex(m_list->currentItem());
    if (index < 0)
        return;
    m_profiles.removeAt(index);
    fill();
    Q_EMIT profilesChanged(m_profiles);
}

const ConnectionProfile* ProfileList::profileOf(const QListWidgetItem* item) const
{
    if (item == nullptr)
        return nullptr;
    const int position = item->data(PositionRole).toInt();
    const QList<ConnectionProfile>& list = item->data(SavedRole).toBool() ? m_profiles : m_recent;
    return position >= 0 && position < list.size() ? &list.at(position) : nullptr;
}

qsizetype ProfileList::savedIndex(const QListWidgetItem* item) const
{
    return item != nullptr && item->data(SavedRole).toBool() ? item->data(PositionRole).toInt() : -1;
}

} // namespace lockscope
