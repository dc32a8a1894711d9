#pragma once

#include <QList>
#include <QString>
#include <QStringList>

class QAbstractItemModel;
class QWidget;

namespace lockscope::test {

/// Call from initTestCase(). Qt warns each time it shapes text of a script that no font of this machine knows, and the
/// offscreen platform when a menu opens, which says nothing about the product; every other warning still fails the
/// test.
void muteFontsAndMenusOfOffscreen();

/// Everything that a widget and what is in it show, or tell a screen reader: labels, buttons, actions, titles, tabs,
/// cells, headers, tooltips, plain texts and the names for accessibility, also of what is hidden at the moment.
class ShownWidgets
{
public:
    explicit ShownWidgets(const QWidget& root);

    /// What must not be: a label that guesses rich text, a tooltip with a tag of a stranger, a character that moves or
    /// hides others. A line each; empty when all is well.
    [[nodiscard]] QString troubles() const { return m_troubles.join(u'\n'); }
    /// Whether one of the texts contains this one, line breaks and their pictures taken as equal.
    [[nodiscard]] bool show(const QString& text) const;
    [[nodiscard]] QStringList texts() const { return m_texts; } ///< each in one line

private:
    void addWidget(const QWidget& widget);
    void addModel(const QString& where, const QAbstractItemModel& model);
    void add(const QString& where, const QString& text, bool severalLines = false);
    void addMnemonic(const QString& where, const QString& text);
    void addToolTip(const QString& where, const QString& toolTip);

    QStringList m_texts;
    QStringList m_troubles;
};

} // namespace lockscope::test
