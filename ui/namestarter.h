#pragma once

#include <QStringList>
#include <QWidget>

class QHBoxLayout;
class QLineEdit;
class QPushButton;

namespace lockscope {

class ToneLabel;

/// Names of our own things travel as application_name: at most 40 characters, none of them a control.
/// What is wrong with this name, as a sentence; empty when nothing is.
[[nodiscard]] QString nameProblem(const QString& name);

/// A name and a button that starts something of that name. Suggests the next free name; checks while one types.
/// GUI thread. Never starts anything.
class NameStarter final : public QWidget
{
    Q_OBJECT

public:
    struct Words
    {
        QString editName;   ///< objectName of the field
        QString buttonName; ///< objectName of the button
        QString label;      ///< accessible name of the field
        QString button;     ///< "New Session"
        QString buttonTip;
        QStringList suggested; ///< "alice", "bob", ...
    };

    explicit NameStarter(const Words& words, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(NameStarter)

    /// Names in use: the suggestion is the first that is free. A name that the person typed stays.
    void setTaken(const QStringList& names);
    /// Empty: starting is possible.
    void setReason(const QString& reason);
    /// Another control of the list, right of the button.
    void addTool(QWidget* tool);
    /// As if the button was pressed: nothing happens while it is greyed out.
    void start();

Q_SIGNALS:
    void startRequested(const QString& name);

private:
    void suggest();
    void refresh();

    Words m_words;
    QLineEdit* m_edit;
    QPushButton* m_button;
    QHBoxLayout* m_row;
    ToneLabel* m_message;
    QStringList m_taken;
    QString m_suggestion;
    QString m_reason;
};

} // namespace lockscope
