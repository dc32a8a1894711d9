#pragma once

#include "models/domain/lockkey.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QLineEdit;
class QStringListModel;

namespace lockscope {

class ToneLabel;

/// Where a person names a lock: a bigint, two int4, or a text that the server hashes. Checks while one types and says
/// below the field what is wrong, so that nothing wrong can be sent. GUI thread.
/// Never asks a server: a text stays a text until somebody sends it.
class KeyEdit final : public QWidget
{
    Q_OBJECT

public:
    /// Longer input is not cut silently (another text is another lock): it is refused.
    static constexpr int maximumLength = 1000;
    static constexpr int maximumRecentKeys = 20;

    /// An empty prefix names the children keyEdit, keyFormBox, hashBox and keyMessage; "client" makes them
    /// clientKeyEdit, clientKeyFormBox and so on.
    explicit KeyEdit(const QString& namePrefix = {}, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyEdit)

    /// Empty while there is nothing or something wrong in the field.
    [[nodiscard]] std::optional<KeyInput> key() const { return m_key; }
    /// What is wrong; empty when key() is there.
    [[nodiscard]] QString problem() const { return m_problem; }
    void setKey(const KeyInput& key);

    /// Newest first; offered while typing in the same form.
    [[nodiscard]] QList<KeyInput> recentKeys() const { return m_recent; }
    void setRecentKeys(const QList<KeyInput>& keys);
    void remember(const KeyInput& key);

Q_SIGNALS:
    void keyChanged();
    void recentKeysChanged();
    void submitted();       ///< Return in the field, with a key
    void submittedToWait(); ///< Ctrl+Return in the field, with a key

protected:
    void changeEvent(QEvent* event) override;

private:
    enum Form
    {
        Bigint,
        Int4Pair,
        Text
    };

    void evaluate();
    [[nodiscard]] Result<KeyInput> read(const QString& text);
    void followForm(Form form);
    void showMessage();
    void updateForm();
    void updateCompletions();
    void submit(void (KeyEdit::*signal)());

    QLineEdit* m_field;
    QComboBox* m_formBox;
    QComboBox* m_hashBox;
    ToneLabel* m_message;
    QStringListModel* m_completions;
    std::optional<KeyInput> m_key;
    QString m_problem;
    bool m_formFollows = false; ///< the comma that was typed chose the pair, so the form follows further typing
    QList<KeyInput> m_recent;
};

} // namespace lockscope
