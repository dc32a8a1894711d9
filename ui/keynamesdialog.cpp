#include "ui/keynamesdialog.h"

#include "models/domain/displaytext.h"
#include "ui/keylabelstab.h"
#include "ui/knownkeystab.h"
#include "ui/labelqueriestab.h"
#include "ui/theme.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QTabWidget>
#include <QVBoxLayout>

namespace lockscope {

KeyNamesDialog::KeyNamesDialog(QWidget* parent)
    : QDialog(parent)
    , m_tabs(new QTabWidget)
    , m_labels(new KeyLabelsTab)
    , m_queries(new LabelQueriesTab)
    , m_known(new KnownKeysTab)
{
    setObjectName(QStringLiteral("keyNamesDialog"));
    setWindowTitle(tr("Names of Keys"));
    setModal(false);
    m_tabs->setObjectName(QStringLiteral("keyNamesTabs"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_labels, tr("Your Names"));
    m_tabs->addTab(m_queries, tr("Label Queries"));
    m_tabs->addTab(m_known, tr("Well-Known Keys"));
    m_tabs->setTabToolTip(1, plainTooltip(tr("SQL of yours that finds the names of keys in your own tables")));

    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto* const close = buttons->button(QDialogButtonBox::Close);
    close->setObjectName(QStringLiteral("closeKeyNamesButton"));
    close->setAccessibleName(tr("Close"));
    close->setAutoDefault(false); // Return belongs to the fields
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const layout = new QVBoxLayout(this);
    const int grid = theme::grid();
    layout->setContentsMargins(grid, grid, grid, grid);
    layout->setSpacing(grid);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(buttons);
    resize(112 * grid, 72 * grid);

    connect(m_labels, &KeyLabelsTab::labelsChanged, this, &KeyNamesDialog::labelsChanged);
    connect(m_labels, &KeyLabelsTab::importRequested, this, &KeyNamesDialog::importRequested);
    connect(m_labels, &KeyLabelsTab::exportRequested, this, &KeyNamesDialog::exportRequested);
    connect(m_queries, &LabelQueriesTab::queryChanged, this, &KeyNamesDialog::queryChanged);
    connect(m_queries, &LabelQueriesTab::queryRemoved, this, &KeyNamesDialog::queryRemoved);
    connect(m_queries, &LabelQueriesTab::queryRunRequested, this, &KeyNamesDialog::queryRunRequested);
}

void KeyNamesDialog::setLabels(const QList<KeyLabel>& labels)
{
    m_labels->setLabels(labels);
}

void KeyNamesDialog::setQueries(const QList<LabelQuery>& queries)
{
    m_queries->setQueries(queries);
}

void KeyNamesDialog::setQueryState(const QString& id, const LabelQueryState& state)
{
    m_queries->setState(id, state);
}

void KeyNamesDialog::setKnownKeys(const QList<KnownKey>& keys)
{
    m_known->setKeys(keys);
}

void KeyNamesDialog::setServer(const std::optional<ServerInfo>& server)
{
    m_queries->setServer(server);
}

void KeyNamesDialog::setDatabases(const QHash<quint32, QString>& databases)
{
    QStringList names = databases.values();
    names.sort();
    m_labels->setDatabases(names);
}

void KeyNamesDialog::setMessage(const QString& sentence)
{
    m_labels->say(sentence, false);
}

void KeyNamesDialog::setError(const Error& error)
{
    m_labels->say(error.advice.isEmpty() ? error.what : error.what + QLatin1Char(' ') + error.advice, true);
}

void KeyNamesDialog::openFor(const LockKey& key, const QString& database)
{
    m_tabs->setCurrentWidget(m_labels);
    show();
    raise();
    activateWindow();
    m_labels->startLabel(key, database);
}

} // namespace lockscope
