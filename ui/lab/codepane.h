#pragma once

#include <QList>
#include <QString>
#include <QWidget>

class QComboBox;
class QPlainTextEdit;
class QPushButton;
class QTabBar;

namespace lockscope {

class ToneLabel;

/// One piece of code in a CodePane.
struct CodeSnippet
{
    QString language = {}; ///< "psycopg 3"; one entry of the choice
    QString form = {};     ///< "Wrong", "Right"; one tab
    QString code = {};
    QString remark = {}; ///< one sentence under the tabs; may be empty
    friend bool operator==(const CodeSnippet&, const CodeSnippet&) = default;
};

/// Code to read and to take along: a choice of languages, a tab for each form, a Copy button. GUI thread. Read only,
/// plain text, never runs anything. With one language there is no choice, with one form there are no tabs.
class CodePane final : public QWidget
{
    Q_OBJECT

public:
    /// Children are named after the prefix: "code" makes codeLanguageBox, codeFormTabs, codeText, codeCopyButton.
    explicit CodePane(const QString& namePrefix, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(CodePane)

    /// In the order given. Language and form that are shown stay when they are still there.
    void setSnippets(const QList<CodeSnippet>& snippets);
    /// One text without choices: the statements of the last call. Empty: emptyText is shown, Copy is disabled.
    void setText(const QString& text, const QString& emptyText = {});
    void showSnippet(const QString& language, const QString& form);
    [[nodiscard]] QString text() const;
    [[nodiscard]] QString language() const;
    [[nodiscard]] QString form() const;
    void copy() const;

Q_SIGNALS:
    void languageChanged(const QString& language); ///< by the person

protected:
    void changeEvent(QEvent* event) override;

private:
    void updateForms();
    void updateText();
    [[nodiscard]] const CodeSnippet* shown() const;

    QComboBox* m_languageBox;
    QTabBar* m_formTabs;
    ToneLabel* m_remark;
    QPlainTextEdit* m_text;
    QPushButton* m_copyButton;
    QList<CodeSnippet> m_snippets;
};

} // namespace lockscope
