#include "ui/connectdialog.h"

#include "models/domain/displaytext.h"
#include "ui/conninfotext.h"
#include "ui/profilelist.h"
#include "ui/safetext.h"
#include "ui/serverbadge.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QVBoxLayout>

namespace lockscope {

namespace {

constexpr int wordsLimit = 4000;

QPushButton* pushButton(const QString& objectName, const QString& text, const QString& toolTip)
{
    auto* const button = new QPushButton(text);
    button->setObjectName(objectName);
    button->setAccessibleName(text);
    button->setAutoDefault(false);
    safetext::setToolTip(button, toolTip);
    return button;
}

QLineEdit* lineEdit(const QString& objectName, const QString& accessibleName, int maximumLength)
{
    auto* const edit = new QLineEdit;
    edit->setObjectName(objectName);
    edit->setAccessibleName(accessibleName);
    edit->setMaxLength(maximumLength);
    return edit;
}

QString sentence(const ConnectionSummary& summary)
{
    QStringList parts;
    const auto cut = [](const QString& text) { return cellText(text, 120); };
    parts.append(summary.port.isEmpty() || summary.host.startsWith(u'/')
                     ? ConnectDialog::tr("Connects to %1").arg(cut(summary.host))
                     : ConnectDialog::tr("Connects to %1 port %2").arg(cut(summary.host), cut(summary.port)));
    if (!summary.database.isEmpty())
        parts.append(ConnectDialog::tr("database %1").arg(cut(summary.database)));
    if (!summary.user.isEmpty())
        parts.append(ConnectDialog::tr("as %1").arg(cut(summary.user)));
    if (!summary.service.isEmpty())
        parts.append(ConnectDialog::tr("service %1").arg(cut(summary.service)));
    if (!summary.sslMode.isEmpty())
        parts.append(ConnectDialog::tr("TLS mode %1").arg(cut(summary.sslMode)));
    QString text = parts.join(QStringLiteral(", ")) + u'.';
    if (summary.hasPassword)
        text += u' ' + ConnectDialog::tr("The password in the text is used and not saved.");
    return text;
}

} // namespace

ConnectDialog::ConnectDialog(ConninfoParser parser, QWidget* parent)
    : QDialog(parent)
    , m_parser(std::move(parser))
    , m_profiles(new ProfileList)
    , m_text(lineEdit(QStringLiteral("conninfoEdit"), tr("Connection"), maximumLength))
    , m_verdict(new ToneLabel)
    , m_sslMode(new QComboBox)
    , m_password(lineEdit(QStringLiteral("passwordEdit"), tr("Password"), 1024))
    , m_name(lineEdit(QStringLiteral("profileNameEdit"), tr("Profile name"), ProfileList::maximumNameLength))
    , m_save(pushButton(QStringLiteral("saveProfileButton"), tr("Save Profile"),
                        tr("Keep this connection under the name beside it, without its password")))
    , m_sandbox(pushButton(QStringLiteral("sandboxButton"), tr("Start a Sandbox"),
                           tr("Start a private throw-away PostgreSQL server on this machine instead")))
    , m_test(pushButton(QStringLiteral("testButton"), tr("Test"), tr("Connect once and close again")))
    , m_cancel(pushButton(QStringLiteral("cancelButton"), tr("Cancel"), {}))
    , m_connect(pushButton(QStringLiteral("connectButton"), tr("Connect"), {}))
    , m_message(new ToneLabel)
    , m_words(new WordsView)
{
    setObjectName(QStringLiteral("connectDialog"));
    setWindowTitle(tr("Connect"));
    const int grid = theme::grid();
    m_connect->setDefault(true);
    m_verdict->setObjectName(QStringLiteral("conninfoVerdict"));
    m_message->setObjectName(QStringLiteral("connectMessage"));
    m_words->setObjectName(QStringLiteral("connectWords"));

    m_profiles->setMinimumWidth(26 * grid);
    m_profiles->setMaximumWidth(34 * grid);
    m_inputs = new QWidget;
    auto* const columns = new QHBoxLayout(m_inputs);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(2 * grid);
    columns->addWidget(m_profiles);
    columns->addWidget(makeForm(), 1);

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addWidget(m_sandbox);
    buttons->addStretch(1);
    buttons->addWidget(m_test);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_connect);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, 2 * grid, 2 * grid, 2 * grid);
    layout->setSpacing(grid);
    layout->addWidget(m_inputs, 1);
    layout->addWidget(m_message);
    layout->addWidget(m_words);
    layout->addSpacing(grid);
    layout->addLayout(buttons);

    connect(m_text, &QLineEdit::textChanged, this, &ConnectDialog::textChanged);
    connect(m_sslMode, &QComboBox::activated, this, &ConnectDialog::fieldChanged);
    connect(m_name, &QLineEdit::textChanged, this, &ConnectDialog::updateButtons);
    connect(m_profiles, &ProfileList::picked, this, &ConnectDialog::pick);
    connect(m_profiles, &ProfileList::activated, this, [this](const ConnectionProfile& profile) {
        pick(profile);
        requestConnection();
    });
    connect(m_profiles, &ProfileList::profilesChanged, this, &ConnectDialog::profilesChanged);
    connect(m_save, &QPushButton::clicked, this, &ConnectDialog::saveProfile);
    connect(m_sandbox, &QPushButton::clicked, this, &ConnectDialog::sandboxRequested);
    connect(m_test, &QPushButton::clicked, this, [this] { Q_EMIT testRequested(conninfo(), m_password->text()); });
    connect(m_cancel, &QPushButton::clicked, this, &ConnectDialog::reject);
    connect(m_connect, &QPushButton::clicked, this, &ConnectDialog::requestConnection);

    setError(std::nullopt);
    judge();
    m_text->setFocus();
    resize(96 * grid, sizeHint().height());
}

QWidget* ConnectDialog::makeForm()
{
    const int grid = theme::grid();
    m_text->setFont(theme::monospace());
    m_text->setPlaceholderText(QStringLiteral("postgresql://monitor@db1.example/app"));
    m_text->setClearButtonEnabled(true);
    safetext::setToolTip(m_text, tr("A URI, key=value pairs, or service=name, as psql takes them.\n"
                                    "Empty: what the PG* environment variables say."));
    m_sslMode->setObjectName(QStringLiteral("sslModeCombo"));
    m_sslMode->setAccessibleName(tr("TLS mode"));
    safetext::setToolTip(m_sslMode,
                         tr("How the connection is encrypted. Only verify-full makes sure that the server is "
                            "the one that was meant."));
    m_sslMode->addItem(tr("default"), QString());
    const std::pair<const char*, QString> modes[] = {{"verify-full", tr("verify-full: encrypted, host name checked")},
                                                     {"verify-ca", tr("verify-ca: encrypted, certificate checked")},
                                                     {"require", tr("require: encrypted, server not checked")},
                                                     {"prefer", tr("prefer: encrypted if the server offers it")},
                                                     {"allow", tr("allow: encrypted if the server insists")},
                                                     {"disable", tr("disable: not encrypted")}};
    for (const auto& [mode, text] : modes)
        m_sslMode->addItem(text, QString::fromLatin1(mode));
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setPlaceholderText(tr("never saved"));
    m_name->setPlaceholderText(tr("name to save it under"));

    auto* const form = new QWidget;
    auto* const grid2 = new QGridLayout(form);
    grid2->setContentsMargins(0, 0, 0, 0);
    grid2->setHorizontalSpacing(grid);
    grid2->setVerticalSpacing(grid);
    int row = 0;
    const auto addRow = [&](const QString& name, QWidget* left, const QString& second = {}, QWidget* right = nullptr) {
        grid2->addWidget(safetext::label(name), row, 0);
        if (right == nullptr) {
            grid2->addWidget(left, row, 1, 1, 3);
        } else {
            grid2->addWidget(left, row, 1);
            if (!second.isEmpty())
                grid2->addWidget(safetext::label(second), row, 2);
            grid2->addWidget(right, row, 3);
        }
        ++row;
    };
    addRow(tr("Connection"), m_text);
    m_verdict->setMinimumHeight(2 * QFontMetrics(font()).lineSpacing());
    grid2->addWidget(m_verdict, row++, 1, 1, 3);
    QLineEdit* const host = addField(QStringLiteral("host"), QStringLiteral("hostEdit"));
    QLineEdit* const port = addField(QStringLiteral("port"), QStringLiteral("portEdit"));
    addRow(tr("Host"), host, tr("Port"), port);
    QLineEdit* const database = addField(QStringLiteral("dbname"), QStringLiteral("databaseEdit"));
    QLineEdit* const service = addField(QStringLiteral("service"), QStringLiteral("serviceEdit"));
    addRow(tr("Database"), database, tr("Service"), service);
    QLineEdit* const user = addField(QStringLiteral("user"), QStringLiteral("userEdit"));
    addRow(tr("User"), user, tr("Password"), m_password);
    addRow(tr("Encryption"), m_sslMode);
    addRow(tr("Profile"), m_name, {}, m_save);
    grid2->setColumnStretch(1, 3);
    grid2->setColumnStretch(3, 2);
    grid2->setRowStretch(row, 1);
    host->setAccessibleName(tr("Host"));
    port->setAccessibleName(tr("Port"));
    database->setAccessibleName(tr("Database"));
    service->setAccessibleName(tr("Service"));
    user->setAccessibleName(tr("User"));
    safetext::setToolTip(service, tr("A section of the connection service file, which may set everything else"));
    return form;
}

QLineEdit* ConnectDialog::addField(const QString& keyword, const QString& objectName)
{
    QLineEdit* const edit = lineEdit(objectName, {}, 512);
    m_fields.push_back({keyword, edit});
    connect(edit, &QLineEdit::textEdited, this, &ConnectDialog::fieldChanged);
    return edit;
}

void ConnectDialog::setProfiles(const QList<ConnectionProfile>& profiles)
{
    m_profiles->setProfiles(profiles);
}

void ConnectDialog::setRecent(const QList<ConnectionProfile>& recent)
{
    m_profiles->setRecent(recent);
}

void ConnectDialog::setConninfo(const QString& conninfo)
{
    m_text->setText(conninfo);
    m_text->setCursorPosition(0);
}

QString ConnectDialog::conninfo() const
{
    return m_text->text().trimmed();
}

void ConnectDialog::textChanged()
{
    // A field that is full may have lost the end of what was put into it, and a connection string without its end may
    // well be a valid one to somewhere else.
    m_cut = m_text->text().size() >= maximumLength;
    if (!m_syncing) {
        const QScopedValueRollback<bool> syncing(m_syncing, true);
        const auto parts = ConninfoText::read(m_text->text());
        for (const Field& field : m_fields)
            field.edit->setText(parts ? parts->value(field.keyword) : QString());
        const QString mode = parts ? parts->value(QStringLiteral("sslmode")) : QString();
        m_sslMode->setCurrentIndex(std::max(0, m_sslMode->findData(mode)));
    }
    judge();
}

void ConnectDialog::fieldChanged()
{
    // What the text says beyond these fields stays in it; a URI becomes key=value text.
    ConninfoText parts = ConninfoText::read(m_text->text()).value_or(ConninfoText());
    for (const Field& field : m_fields)
        parts.set(field.keyword, field.edit->text().trimmed());
    parts.set(QStringLiteral("sslmode"), m_sslMode->currentData().toString());
    const QScopedValueRollback<bool> syncing(m_syncing, true);
    m_text->setText(parts.toText());
}

void ConnectDialog::judge()
{
    if (m_cut) {
        m_valid = false;
        m_verdict->setTone(Tone::Error);
        m_verdict->setText(tr("The text was longer than %1 characters and its end is missing.").arg(maximumLength));
    } else {
        const Result<ConnectionSummary> summary = m_parser(conninfo());
        m_valid = summary.has_value();
        if (summary) {
            m_verdict->setMuted();
            m_verdict->setText(sentence(*summary));
        } else {
            m_verdict->setTone(Tone::Error);
            const Error& error = summary.error();
            m_verdict->setText(error.advice.isEmpty() ? cellText(error.what, 300)
                                                      : cellText(error.what, 300) + u' ' + cellText(error.advice, 300));
        }
    }
    updateButtons();
}

void ConnectDialog::pick(const ConnectionProfile& profile)
{
    m_picked = profile;
    m_password->clear();
    m_name->setText(profile.name);
    setConninfo(profile.conninfo);
    setError(std::nullopt);
}

void ConnectDialog::requestConnection()
{
    if (!m_valid || m_busy)
        return;
    const bool unchanged = !m_picked.name.isEmpty() && m_picked.conninfo == conninfo();
    Q_EMIT connectRequested(conninfo(), m_password->text(), unchanged ? m_picked.name : QString());
}

void ConnectDialog::saveProfile()
{
    const auto parts = ConninfoText::read(m_text->text());
    const QString name = m_name->text().trimmed();
    if (!m_valid || !parts || name.isEmpty())
        return;
    const ConnectionProfile profile{name, parts->withoutSecrets().toText()};
    m_profiles->save(profile);
    m_picked = profile;
}

void ConnectDialog::setBusy(bool busy, const QString& text)
{
    m_busy = busy;
    m_inputs->setEnabled(!busy);
    m_sandbox->setEnabled(!busy);
    if (busy)
        showMessage(text.isEmpty() ? tr("Connecting...") : text, false, {});
    else if (!m_message->property("failed").toBool())
        showMessage({}, false, {});
    updateButtons();
}

void ConnectDialog::setError(const std::optional<Error>& error)
{
    if (!error) {
        showMessage({}, false, {});
        return;
    }
    const QString what = paragraphText(error->what, 1000);
    showMessage(error->advice.isEmpty() ? what : what + u'\n' + paragraphText(error->advice, 1000), true,
                paragraphText(error->serverWords, wordsLimit));
}

void ConnectDialog::askForPassword()
{
    m_password->setFocus();
    m_password->selectAll();
}

void ConnectDialog::setTestResult(const ServerInfo& server)
{
    ServerBadge badge;
    badge.setServer(server, {});
    showMessage(tr("The connection works: %1.").arg(badge.facts()), false, {});
}

void ConnectDialog::showMessage(const QString& text, bool failed, const QString& words)
{
    m_message->setProperty("failed", failed);
    if (failed)
        m_message->setTone(Tone::Error);
    else
        m_message->setBody();
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
    m_words->setWords(words, std::nullopt);
}

void ConnectDialog::updateButtons()
{
    m_connect->setEnabled(m_valid && !m_busy);
    m_test->setEnabled(m_valid && !m_busy);
    m_save->setEnabled(m_valid && !m_busy && !m_name->text().trimmed().isEmpty());
}

void ConnectDialog::reject()
{
    if (m_busy) {
        Q_EMIT cancelRequested();
        return;
    }
    m_password->clear();
    QDialog::reject();
}

} // namespace lockscope
