#include "tests/support/shownwidgets.h"

#include "tests/support/hostiletexts.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QCompleter>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QTabBar>
#include <QTextDocument>
#include <QTextEdit>
#include <QWindow>

#include <algorithm>
#include <array>

namespace lockscope::test {

void muteFontsAndMenusOfOffscreen()
{
    static QtMessageHandler previous = nullptr;
    previous = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext& context, const QString& message) {
        if (!message.contains(QLatin1String("OpenType support missing for ")) &&
            message != QLatin1String("This plugin does not support grabbing the keyboard"))
            previous(type, context, message);
    });
}

ShownWidgets::ShownWidgets(const QWidget& root)
{
    addWidget(root);
    const auto children = root.findChildren<QWidget*>();
    for (const QWidget* const child : children)
        addWidget(*child);
}

bool ShownWidgets::show(const QString& text) const
{
    const QString wanted = inOneLine(text);
    return wanted.isEmpty() || std::any_of(m_texts.cbegin(), m_texts.cend(),
                                           [&wanted](const QString& shown) { return shown.contains(wanted); });
}

void ShownWidgets::add(const QString& where, const QString& text, bool severalLines)
{
    if (text.isEmpty())
        return;
    const QString unsafe = unsafeCharacter(text, severalLines);
    if (!unsafe.isEmpty())
        m_troubles.append(where + QStringLiteral(": ") + unsafe);
    m_texts.append(inOneLine(text));
}

/// As it is painted: && is one &, and a single & only underlines.
void ShownWidgets::addMnemonic(const QString& where, const QString& text)
{
    QString shown;
    for (qsizetype at = 0; at < text.size(); ++at) {
        if (text[at] == u'&' && ++at == text.size())
            break;
        shown += text[at];
    }
    // One tab parts the shortcut in a menu.
    const qsizetype tab = shown.indexOf(u'\t');
    add(where, tab < 0 ? shown : shown.first(tab));
    if (tab >= 0)
        add(where + QStringLiteral(" shortcut"), shown.sliced(tab + 1));
}

void ShownWidgets::addToolTip(const QString& where, const QString& toolTip)
{
    if (toolTip.isEmpty())
        return;
    if (!toolTip.startsWith(QLatin1String("<qt>"))) {
        if (Qt::mightBeRichText(toolTip))
            m_troubles.append(where + QStringLiteral(": guessed as rich text: ") + toolTip.left(200));
        add(where, toolTip, true);
        return;
    }
    QString inside = toolTip.mid(4);
    const bool closed = inside.endsWith(QLatin1String("</qt>"));
    inside.chop(closed ? 5 : 0);
    inside.remove(QStringLiteral("<br/>"));
    if (!closed || inside.contains(u'<') || inside.contains(u'>'))
        m_troubles.append(where + QStringLiteral(": a tag of its own: ") + inside.left(200));
    QTextDocument document;
    document.setHtml(toolTip);
    add(where, document.toPlainText(), true);
}

void ShownWidgets::addModel(const QString& where, const QAbstractItemModel& model)
{
    constexpr std::array textRoles{Qt::DisplayRole, Qt::AccessibleTextRole, Qt::AccessibleDescriptionRole,
                                   Qt::StatusTipRole, Qt::WhatsThisRole};
    for (int column = 0; column < model.columnCount(); ++column) {
        add(where + QStringLiteral(" header"), model.headerData(column, Qt::Horizontal).toString());
        addToolTip(where + QStringLiteral(" header"),
                   model.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString());
    }
    QList<QModelIndex> open{QModelIndex()};
    while (!open.isEmpty()) {
        const QModelIndex parent = open.takeLast();
        for (int row = 0; row < model.rowCount(parent); ++row) {
            for (int column = 0; column < model.columnCount(parent); ++column) {
                const QModelIndex index = model.index(row, column, parent);
                const QString place =
                    QStringLiteral("%1 (%2, %3)").arg(where, QString::number(row), QString::number(column));
                for (const int role : textRoles)
                    add(place, index.data(role).toString());
                addToolTip(place, index.data(Qt::ToolTipRole).toString());
            }
            if (const QModelIndex first = model.index(row, 0, parent); model.hasChildren(first))
                open.append(first);
        }
    }
}

void ShownWidgets::addWidget(const QWidget& widget)
{
    const QString where =
        QStringLiteral("%1 %2").arg(QLatin1String(widget.metaObject()->className()), widget.objectName());
    addToolTip(where + QStringLiteral(" tooltip"), widget.toolTip());
    addToolTip(where + QStringLiteral(" what's this"), widget.whatsThis());
    addToolTip(where + QStringLiteral(" status tip"), widget.statusTip());
    add(where + QStringLiteral(" accessible name"), widget.accessibleName(), true);
    add(where + QStringLiteral(" accessible description"), widget.accessibleDescription(), true);
    // Qt replaces [*] in titles: what the window manager is told is what is seen.
    const QWindow* const window = widget.isWindow() ? widget.windowHandle() : nullptr;
    add(where + QStringLiteral(" title"), window != nullptr ? window->title() : widget.windowTitle());

    if (const auto* const box = qobject_cast<const QMessageBox*>(&widget);
        box != nullptr && box->textFormat() != Qt::PlainText)
        m_troubles.append(where + QStringLiteral(": a message box that guesses rich text"));
    if (const auto* const label = qobject_cast<const QLabel*>(&widget)) {
        if (!label->text().isEmpty() && label->textFormat() != Qt::PlainText)
            m_troubles.append(where + QStringLiteral(": a label that is not plain: ") + label->text().left(200));
        if (label->openExternalLinks())
            m_troubles.append(where + QStringLiteral(": a label that opens links"));
        add(where, label->text(), true);
    } else if (const auto* const button = qobject_cast<const QAbstractButton*>(&widget)) {
        addMnemonic(where, button->text());
    } else if (const auto* const plain = qobject_cast<const QPlainTextEdit*>(&widget)) {
        if (plain->isReadOnly())
            add(where, plain->toPlainText(), true);
        else
            m_texts.append(inOneLine(plain->toPlainText())); // what a person writes is theirs
    } else if (const auto* const text = qobject_cast<const QTextEdit*>(&widget)) {
        add(where, text->toPlainText(), true);
    } else if (const auto* const edit = qobject_cast<const QLineEdit*>(&widget)) {
        m_texts.append(inOneLine(edit->text())); // likewise
        add(where + QStringLiteral(" placeholder"), edit->placeholderText());
        if (edit->completer() != nullptr && edit->completer()->model() != nullptr)
            addModel(where + QStringLiteral(" completer"), *edit->completer()->model());
    } else if (const auto* const combo = qobject_cast<const QComboBox*>(&widget)) {
        addModel(where, *combo->model());
    } else if (const auto* const group = qobject_cast<const QGroupBox*>(&widget)) {
        addMnemonic(where, group->title());
    } else if (const auto* const bar = qobject_cast<const QProgressBar*>(&widget)) {
        add(where, bar->text());
    } else if (const auto* const menu = qobject_cast<const QMenu*>(&widget)) {
        addMnemonic(where, menu->title());
    } else if (const auto* const tabs = qobject_cast<const QTabBar*>(&widget)) {
        for (int tab = 0; tab < tabs->count(); ++tab) {
            addMnemonic(where, tabs->tabText(tab));
            addToolTip(where, tabs->tabToolTip(tab));
        }
    }
    const auto* const view = qobject_cast<const QAbstractItemView*>(&widget);
    if (view != nullptr && qobject_cast<const QHeaderView*>(&widget) == nullptr && view->model() != nullptr)
        addModel(where, *view->model());
    const auto actions = widget.actions();
    for (const QAction* const action : actions) {
        const QString name = QStringLiteral("action %1").arg(action->objectName());
        addMnemonic(name, action->text());
        // Without a tooltip of its own an action answers with its text, which menus do not show.
        if (action->toolTip() != QAction(action->text()).toolTip())
            addToolTip(name, action->toolTip());
        addToolTip(name, action->whatsThis());
        add(name, action->statusTip());
    }
    if (QAccessibleInterface* const accessible = QAccessible::queryAccessibleInterface(const_cast<QWidget*>(&widget))) {
        const auto* const editor = qobject_cast<const QPlainTextEdit*>(&widget);
        const bool typed =
            qobject_cast<const QLineEdit*>(&widget) != nullptr || (editor != nullptr && !editor->isReadOnly());
        for (const auto part : {QAccessible::Name, QAccessible::Description, QAccessible::Value}) {
            if (!typed || part != QAccessible::Value)
                add(where + QStringLiteral(" for screen readers"), accessible->text(part), true);
        }
    }
}

} // namespace lockscope::test
