#include "ui/labelqueriestab.h"

#include "models/domain/displaytext.h"
#include "models/domain/time.h"
#include "ui/celldelegate.h"
#include "ui/numbertext.h"
#include "ui/safetext.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSpinBox>
#include <QTableWidget>
#include <QUuid>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

QPushButton* pushButton(const char* objectName, const QString& text, const QString& toolTip)
{
    auto* const button = new QPushButton(text);
    button->setObjectName(QString::fromLatin1(objectName));
    button->setAccessibleName(text);
    button->setAutoDefault(false);
    safetext::setToolTip(button, toolTip);
    return button;
}

QString exampleSql()
{
    return QStringLiteral("-- The key of a lock and its name. For pairs: two int4 and the name.\n"
                          "SELECT id, provider || ' calendar, ' || customer\n"
                          "  FROM calendars");
}

QString title(const LabelQuery& query)
{
    const QString server =
        query.host.isEmpty() && query.port == 0
            ? LabelQueriesTab::tr("any server")
            : QStringLiteral("%1:%2").arg(query.host.isEmpty() ? QStringLiteral("*") : query.host,
                                          query.port == 0 ? QStringLiteral("*") : QString::number(query.port));
    return LabelQueriesTab::tr("%1, %2", "server, database")
        .arg(query.database.isEmpty() ? LabelQueriesTab::tr("any database") : query.database, server);
}

QString figures(const LabelQueryState& state)
{
    QStringList sentences{(state.rows == 1 ? LabelQueriesTab::tr("%1 row in %2, read at %3.")
                                           : LabelQueriesTab::tr("%1 rows in %2, read at %3."))
                              .arg(groupedNumber(state.rows), formatDuration(state.elapsed),
                                   QLocale().toString(state.lastRun->time(), QLocale::ShortFormat))};
    if (state.unreadable > 0)
        sentences.append(LabelQueriesTab::tr("%1 of them have no key or no name and are left out.")
                             .arg(groupedNumber(state.unreadable)));
    if (state.truncated)
        sentences.append(LabelQueriesTab::tr("There are more: reading stopped there, so some keys have no name."));
    return sentences.join(QLatin1Char(' '));
}

} // namespace

LabelQueriesTab::LabelQueriesTab(QWidget* parent)
    : QWidget(parent)
    , m_list(new QListWidget)
    , m_add(pushButton("addQueryButton", tr("Add"), tr("Write a query for the connected database")))
    , m_remove(pushButton("removeQueryButton", tr("Remove"), tr("Remove this query and the names it gave")))
    , m_host(new QLineEdit)
    , m_port(new QSpinBox)
    , m_database(new QLineEdit)
    , m_timeout(new QSpinBox)
    , m_sql(new QPlainTextEdit)
    , m_save(
          pushButton("saveQueryButton", tr("Save"), tr("Keep this query; it runs at each connect and every 5 minutes")))
    , m_run(pushButton("runQueryButton", tr("Run Now"), {}))
    , m_result(new ToneLabel)
    , m_words(new WordsView)
    , m_preview(new QTableWidget)
{
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(theme::grid(), 2 * theme::grid(), theme::grid(), theme::grid());
    layout->setSpacing(2 * theme::grid());
    layout->addWidget(makeList());
    m_editor = makeEditor();
    layout->addWidget(m_editor, 1);

    connect(m_list, &QListWidget::currentRowChanged, this, &LabelQueriesTab::showCurrent);
    connect(m_add, &QPushButton::clicked, this, &LabelQueriesTab::add);
    connect(m_remove, &QPushButton::clicked, this, &LabelQueriesTab::removeCurrent);
    connect(m_save, &QPushButton::clicked, this, &LabelQueriesTab::save);
    connect(m_run, &QPushButton::clicked, this, &LabelQueriesTab::run);
    for (const QLineEdit* const edit : {m_host, m_database})
        connect(edit, &QLineEdit::textEdited, this, &LabelQueriesTab::takeEdits);
    for (const QSpinBox* const box : {m_port, m_timeout})
        connect(box, &QSpinBox::valueChanged, this, &LabelQueriesTab::takeEdits);
    connect(m_sql, &QPlainTextEdit::textChanged, this, &LabelQueriesTab::takeEdits);
    showCurrent();
}

QWidget* LabelQueriesTab::makeList()
{
    m_list->setObjectName(QStringLiteral("queryList"));
    m_list->setAccessibleName(tr("Label queries"));
    m_list->setItemDelegate(new CellDelegate(m_list));
    auto* const side = new QWidget;
    side->setFixedWidth(32 * theme::grid());
    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(theme::grid());
    buttons->addWidget(m_add);
    buttons->addWidget(m_remove);
    buttons->addStretch(1);
    auto* const layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid());
    layout->addWidget(m_list, 1);
    layout->addLayout(buttons);
    return side;
}

QWidget* LabelQueriesTab::makeEditor()
{
    const int grid = theme::grid();
    const auto field = [](QWidget* widget, const char* objectName, const QString& name) {
        widget->setObjectName(QString::fromLatin1(objectName));
        widget->setAccessibleName(name);
    };
    field(m_host, "queryHostEdit", tr("Host"));
    m_host->setPlaceholderText(tr("any"));
    m_host->setMaxLength(256);
    field(m_port, "queryPortBox", tr("Port"));
    m_port->setRange(0, 65535);
    m_port->setSpecialValueText(tr("any"));
    m_port->setGroupSeparatorShown(false);
    field(m_database, "queryDatabaseEdit", tr("Database"));
    m_database->setPlaceholderText(tr("any"));
    m_database->setMaxLength(256);
    field(m_timeout, "queryTimeoutBox", tr("Timeout"));
    m_timeout->setRange(1, static_cast<int>(duration_cast<seconds>(longestLabelQueryTimeout).count()));
    m_timeout->setSuffix(tr(" s"));
    safetext::setToolTip(m_timeout, tr("The server ends the query after this time"));
    field(m_sql, "querySqlEdit", tr("SQL"));
    m_sql->setFont(theme::monospace());
    m_sql->setTabChangesFocus(true);
    m_sql->setLineWrapMode(QPlainTextEdit::NoWrap);
    field(m_preview, "queryPreview", tr("First names of the answer"));
    m_preview->setColumnCount(2);
    m_preview->setHorizontalHeaderLabels({tr("Key"), tr("Name")});
    m_preview->horizontalHeaderItem(0)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_preview->horizontalHeaderItem(1)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_preview->setItemDelegate(new CellDelegate(m_preview));
    m_preview->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_preview->setSelectionMode(QAbstractItemView::NoSelection);
    m_preview->setShowGrid(false);
    m_preview->setTabKeyNavigation(false);
    m_preview->verticalHeader()->setVisible(false);
    m_preview->verticalHeader()->setMinimumSectionSize(theme::rowHeight(true));
    m_preview->verticalHeader()->setDefaultSectionSize(theme::rowHeight(true));
    m_preview->horizontalHeader()->setStretchLastSection(true);
    m_preview->setColumnWidth(0, 24 * grid);
    m_result->setObjectName(QStringLiteral("queryResult"));
    m_result->setWordWrap(true);
    m_words->setObjectName(QStringLiteral("queryWords"));
    m_words->setAccessibleName(tr("The server's words"));

    auto* const place = new QHBoxLayout;
    place->setSpacing(grid);
    for (const auto& [name, widget, stretch] : {std::tuple<QString, QWidget*, int>{tr("For host"), m_host, 3},
                                                {tr("port"), m_port, 0},
                                                {tr("database"), m_database, 2},
                                                {tr("timeout"), m_timeout, 0}}) {
        place->addWidget(safetext::label(name));
        place->addWidget(widget, stretch);
    }
    auto* const explanation = safetext::mutedLabel(tr(
        "Return the key and its name. The query runs read-only on a connection of its own, at each connect and every "
        "5 minutes, and all that it does is rolled back."));
    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addWidget(m_result, 1);
    buttons->addWidget(m_save, 0, Qt::AlignTop);
    buttons->addWidget(m_run, 0, Qt::AlignTop);
    auto* const editor = new QWidget;
    auto* const layout = new QVBoxLayout(editor);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid);
    layout->addLayout(place);
    layout->addWidget(explanation);
    layout->addWidget(m_sql, 3);
    layout->addLayout(buttons);
    layout->addWidget(m_words);
    layout->addWidget(m_preview, 4);
    return editor;
}

void LabelQueriesTab::setQueries(const QList<LabelQuery>& queries)
{
    // What is typed and not saved stays, unless its query is gone.
    QList<LabelQuery> kept = queries;
    for (LabelQuery& query : kept) {
        const auto same = [&query](const LabelQuery& other) { return other.id == query.id; };
        const auto before = std::find_if(m_saved.cbegin(), m_saved.cend(), same);
        const auto typed = std::find_if(m_queries.cbegin(), m_queries.cend(), same);
        if (before != m_saved.cend() && typed != m_queries.cend() && *before != *typed && *before == query)
            query = *typed;
    }
    for (const auto& typed : std::as_const(m_queries)) {
        const auto same = [&typed](const LabelQuery& other) { return other.id == typed.id; };
        if (std::none_of(m_saved.cbegin(), m_saved.cend(), same) && std::none_of(kept.cbegin(), kept.cend(), same))
            kept.append(typed);
    }
    m_saved = queries;
    m_queries = kept;
    fillList();
}

void LabelQueriesTab::setState(const QString& id, const LabelQueryState& state)
{
    m_states.insert(id, state);
    if (const auto* const query = current(); query != nullptr && query->id == id)
        showState();
}

void LabelQueriesTab::setServer(const std::optional<ServerInfo>& server)
{
    m_server = server;
    showState();
}

void LabelQueriesTab::fillList()
{
    const auto* const query = current();
    const QString id = query != nullptr ? query->id : QString();
    {
        const QSignalBlocker quiet(m_list);
        m_list->clear();
        for (const auto& one : std::as_const(m_queries)) {
            auto* const item = new QListWidgetItem(cellText(title(one), 200), m_list);
            item->setData(Qt::UserRole, one.id);
            item->setToolTip(plainTooltip(one.sql));
            item->setSizeHint(QSize(0, theme::rowHeight()));
        }
        const auto at =
            std::find_if(m_queries.cbegin(), m_queries.cend(), [&id](const LabelQuery& one) { return one.id == id; });
        m_list->setCurrentRow(at != m_queries.cend() ? static_cast<int>(at - m_queries.cbegin())
                                                     : std::min(0, static_cast<int>(m_queries.size()) - 1));
    }
    showCurrent();
}

LabelQuery* LabelQueriesTab::current()
{
    const auto* const item = m_list->currentItem();
    const auto found =
        item == nullptr ? m_queries.end() : std::find_if(m_queries.begin(), m_queries.end(), [item](const auto& query) {
            return query.id == item->data(Qt::UserRole).toString();
        });
    return found == m_queries.end() ? nullptr : &*found;
}

void LabelQueriesTab::showCurrent()
{
    const QScopedValueRollback<bool> showing(m_showing, true);
    const auto* const query = current();
    const LabelQuery shown = query != nullptr ? *query : LabelQuery();
    m_editor->setEnabled(query != nullptr);
    if (m_host->text() != shown.host)
        m_host->setText(shown.host);
    m_port->setValue(shown.port);
    if (m_database->text() != shown.database)
        m_database->setText(shown.database);
    m_timeout->setValue(static_cast<int>(std::chrono::ceil<seconds>(shown.timeout).count()));
    if (m_sql->toPlainText() != shown.sql)
        m_sql->setPlainText(shown.sql);
    showState();
}

void LabelQueriesTab::takeEdits()
{
    auto* const query = current();
    if (m_showing || query == nullptr)
        return;
    query->host = m_host->text().trimmed();
    query->port = m_port->value();
    query->database = m_database->text();
    query->timeout = seconds(m_timeout->value());
    query->sql = m_sql->toPlainText();
    m_list->currentItem()->setText(cellText(title(*query), 200));
    updateButtons();
}

void LabelQueriesTab::add()
{
    LabelQuery query{.id = QUuid::createUuid().toString(QUuid::WithoutBraces), .sql = exampleSql()};
    if (m_server) {
        query.host = m_server->host;
        query.port = m_server->port;
        query.database = m_server->database;
    }
    m_queries.append(query);
    fillList();
    m_list->setCurrentRow(m_list->count() - 1);
    m_sql->setFocus();
    m_sql->selectAll();
}

void LabelQueriesTab::removeCurrent()
{
    const auto* const query = current();
    if (query == nullptr)
        return;
    const QString id = query->id;
    const auto same = [&id](const LabelQuery& one) { return one.id == id; };
    m_queries.removeIf(same);
    const bool wasSaved = m_saved.removeIf(same) > 0;
    m_states.remove(id);
    fillList();
    if (wasSaved)
        Q_EMIT queryRemoved(id);
}

void LabelQueriesTab::save()
{
    const auto* const query = current();
    if (query == nullptr || m_saved.contains(*query))
        return;
    const LabelQuery changed = *query;
    const auto same = std::find_if(m_saved.begin(), m_saved.end(),
                                   [&changed](const LabelQuery& one) { return one.id == changed.id; });
    if (same == m_saved.end())
        m_saved.append(changed);
    else
        *same = changed;
    Q_EMIT queryChanged(changed);
    updateButtons();
}

void LabelQueriesTab::run()
{
    const auto* const query = current();
    if (query == nullptr)
        return;
    const QString id = query->id;
    save();
    Q_EMIT queryRunRequested(id);
}

void LabelQueriesTab::showState()
{
    const auto* const query = current();
    const LabelQueryState state = query != nullptr ? m_states.value(query->id) : LabelQueryState();
    m_words->setWords({}, std::nullopt);
    m_result->setMuted();
    if (query == nullptr) {
        m_result->setText(
            tr("A query of yours can name keys by the words of your own tables, such as \"Google calendar, "
               "ACME\" for key 5. Add one to begin."));
    } else if (state.running) {
        m_result->setText(tr("The query runs."));
    } else if (state.error) {
        m_result->setTone(Tone::Error);
        m_result->setText(paragraphText(state.error->advice.isEmpty()
                                            ? state.error->what
                                            : state.error->what + QLatin1Char(' ') + state.error->advice,
                                        1000));
        m_words->setWords(paragraphText(state.error->serverWords, 4000), std::nullopt);
    } else if (state.lastRun) {
        m_result->setText(figures(state));
    } else {
        m_result->setText(m_server ? tr("Not run yet.") : tr("It runs once there is a connection it is for."));
    }
    m_preview->setRowCount(static_cast<int>(state.firstRows.size()));
    for (int row = 0; row < m_preview->rowCount(); ++row) {
        const auto& [key, name] = state.firstRows.at(row);
        auto* const keyCell = new QTableWidgetItem(key.toString());
        keyCell->setFont(theme::monospace());
        keyCell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        auto* const nameCell = new QTableWidgetItem(cellText(name, 300));
        nameCell->setToolTip(plainTooltip(name));
        m_preview->setItem(row, 0, keyCell);
        m_preview->setItem(row, 1, nameCell);
    }
    updateButtons();
}

void LabelQueriesTab::updateButtons()
{
    const auto* const query = current();
    const bool isChanged = query != nullptr && !m_saved.contains(*query);
    const bool hasSql = query != nullptr && !query->sql.trimmed().isEmpty() && query->sql.size() <= maximumSqlLength;
    m_remove->setEnabled(query != nullptr);
    m_save->setEnabled(isChanged && hasSql);
    const QString whyNot = !hasSql                    ? tr("There is no query")
                           : !m_server                ? tr("Connect first")
                           : !query->isFor(*m_server) ? tr("This query is not for the connected server and database")
                           : m_states.value(query->id).running && !isChanged ? tr("It runs already")
                                                                             : QString();
    m_run->setEnabled(whyNot.isEmpty());
    safetext::setToolTip(m_run, whyNot.isEmpty() ? tr("Save and run this query") : whyNot);
}

} // namespace lockscope
