#include "app/keytools.h"

#include "models/domain/knownkeys.h"
#include "ui/keycalculator.h"
#include "ui/keynamesdialog.h"

namespace lockscope {

KeyTools::KeyTools(KeyNames& names, QWidget* window, QObject* parent)
    : QObject(parent)
    , m_names(names)
    , m_window(window)
{
}

void KeyTools::setServer(const std::optional<ServerInfo>& server)
{
    m_server = server;
    if (m_calculator)
        m_calculator->setConnected(server ? server->database : QString());
    if (m_dialog)
        m_dialog->setServer(server);
}

void KeyTools::setDatabases(const QHash<quint32, QString>& databases)
{
    m_names.setDatabases(databases); // which forgets them with each server
    if (databases == m_databases)
        return;
    m_databases = databases;
    if (m_calculator)
        m_calculator->setDatabases(databases);
    if (m_dialog)
        m_dialog->setDatabases(databases);
}

void KeyTools::showCalculator()
{
    if (!m_calculator) {
        m_calculator = new KeyCalculator(m_window);
        m_calculator->setDictionary(m_names.dictionary());
        m_calculator->setDatabases(m_databases);
        m_calculator->setConnected(m_server ? m_server->database : QString());
        KeyCalculator* const calculator = m_calculator;
        connect(&m_names, &KeyNames::dictionaryChanged, calculator, &KeyCalculator::setDictionary);
        connect(&m_names, &KeyNames::textHashed, calculator, &KeyCalculator::setHashes);
        connect(&m_names, &KeyNames::textNotHashed, calculator, &KeyCalculator::setHashError);
        connect(calculator, &KeyCalculator::hashRequested, &m_names, &KeyNames::hashText);
        connect(calculator, &KeyCalculator::findRequested, this, &KeyTools::findRequested);
        connect(calculator, &KeyCalculator::keyChosen, this, &KeyTools::keyChosen);
        connect(calculator, &KeyCalculator::nameRequested, this, &KeyTools::nameKey);
    }
    m_calculator->show();
    m_calculator->raise();
    m_calculator->activateWindow();
}

KeyNamesDialog& KeyTools::namesDialog()
{
    if (m_dialog)
        return *m_dialog;
    m_dialog = new KeyNamesDialog(m_window);
    KeyNamesDialog* const dialog = m_dialog;
    dialog->setKnownKeys(m_names.dictionary()->knownKeys());
    dialog->setDatabases(m_databases);
    dialog->setServer(m_server);
    dialog->setLabels(m_names.labels());
    dialog->setQueries(m_names.queries());
    for (const LabelQuery& query : m_names.queries())
        dialog->setQueryState(query.id, m_names.queryState(query.id));
    connect(&m_names, &KeyNames::labelsChanged, dialog, &KeyNamesDialog::setLabels);
    connect(&m_names, &KeyNames::queriesChanged, dialog, &KeyNamesDialog::setQueries);
    connect(&m_names, &KeyNames::queryStateChanged, dialog, &KeyNamesDialog::setQueryState);
    connect(&m_names, &KeyNames::failed, dialog, &KeyNamesDialog::setError);
    connect(dialog, &KeyNamesDialog::labelsChanged, &m_names, &KeyNames::setLabels);
    connect(dialog, &KeyNamesDialog::queryChanged, &m_names, &KeyNames::setQuery);
    connect(dialog, &KeyNamesDialog::queryRemoved, &m_names, &KeyNames::removeQuery);
    connect(dialog, &KeyNamesDialog::queryRunRequested, &m_names, &KeyNames::runQuery);
    connect(dialog, &KeyNamesDialog::importRequested, this, [this, dialog](const QString& fileName) {
        if (const auto imported = m_names.importLabels(fileName))
            dialog->setMessage(tr("%n name(s) taken from %1", nullptr, static_cast<int>(*imported)).arg(fileName));
        else
            dialog->setError(imported.error());
    });
    connect(dialog, &KeyNamesDialog::exportRequested, this, [this, dialog](const QString& fileName) {
        if (const auto exported = m_names.exportLabels(fileName); !exported)
            dialog->setError(exported.error());
        else
            dialog->setMessage(tr("Names written to %1").arg(fileName));
    });
    return *dialog;
}

void KeyTools::showNames()
{
    KeyNamesDialog& dialog = namesDialog();
    dialog.show();
    dialog.raise();
    dialog.activateWindow();
}

void KeyTools::nameKey(const LockKey& key, const QString& database)
{
    namesDialog().openFor(key, database);
}

} // namespace lockscope
