#include "ui/databaseedit.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/safetext.h"

#include <QAction>
#include <QCompleter>
#include <QStringListModel>

namespace lockscope {

namespace {

constexpr int maximumLength = 256; ///< a name has at most 63 bytes, unless the server was built otherwise

/// Names are chosen as they are, and shown without what would move or hide others.
class NameListModel final : public QStringListModel
{
public:
    using QStringListModel::QStringListModel;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override
    {
        const QVariant value = QStringListModel::data(index, role);
        return role == Qt::DisplayRole ? cellText(value.toString(), maximumLength) : value;
    }
};

} // namespace

DatabaseEdit::DatabaseEdit(QWidget* parent)
    : QLineEdit(parent)
    , m_names(new NameListModel(this))
    , m_choose(addAction(icon(IconName::ChevronDown), QLineEdit::TrailingPosition))
{
    setMaxLength(maximumLength);
    setAccessibleName(tr("Database"));
    safetext::setText(m_choose, tr("Choose a Database"));
    safetext::setToolTip(m_choose, tr("Choose from the databases of this server"));
    connect(m_choose, &QAction::triggered, this, &DatabaseEdit::showAll);
    auto* const completer = new QCompleter(m_names, this);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    setCompleter(completer);
    setNames({});
}

void DatabaseEdit::setNames(const QStringList& names)
{
    m_names->setStringList(names);
    m_choose->setVisible(!names.isEmpty());
}

QStringList DatabaseEdit::names() const
{
    return m_names->stringList();
}

void DatabaseEdit::showAll()
{
    completer()->setCompletionPrefix({});
    completer()->complete();
}

} // namespace lockscope
