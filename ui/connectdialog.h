#pragma once

#include "models/domain/connectionprofile.h"
#include "models/domain/result.h"
#include "models/domain/serverinfo.h"

#include <QDialog>

#include <functional>
#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace lockscope {

class ProfileList;
class ToneLabel;
class WordsView;

/// What libpq makes of a connection string, given from outside: this dialog never reads the environment or a file.
using ConninfoParser = std::function<Result<ConnectionSummary>(const QString&)>;

/// Where to connect: one text as libpq takes it and fields for its parts, kept in step, beside saved and recent
/// connections. GUI thread. Nothing is sent from here; the password is said once with the wish and never stored, shown
/// or taken from a profile.
class ConnectDialog final : public QDialog
{
    Q_OBJECT

public:
    static constexpr int maximumLength = 8192;

    explicit ConnectDialog(ConninfoParser parser, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ConnectDialog)

    void setProfiles(const QList<ConnectionProfile>& profiles);
    void setRecent(const QList<ConnectionProfile>& recent);
    /// Shown as typed; a password in it stays where it is.
    void setConninfo(const QString& conninfo);
    [[nodiscard]] QString conninfo() const;
    /// While busy only cancelling is possible.
    void setBusy(bool busy, const QString& text = {});
    /// What happened, what to do, the server's words; empty clears it.
    void setError(const std::optional<Error>& error);
    /// Puts the cursor where the password goes: everything else is right.
    void askForPassword();
    /// The answer to testRequested().
    void setTestResult(const ServerInfo& server);

Q_SIGNALS:
    /// profileName is empty unless the text is that profile's, unchanged.
    void connectRequested(const QString& conninfo, const QString& password, const QString& profileName);
    void testRequested(const QString& conninfo, const QString& password);
    /// Pressed while busy.
    void cancelRequested();
    void sandboxRequested();
    void profilesChanged(const QList<lockscope::ConnectionProfile>& profiles);

protected:
    void reject() override;

private:
    struct Field
    {
        QString keyword;
        QLineEdit* edit;
    };

    [[nodiscard]] QWidget* makeForm();
    [[nodiscard]] QLineEdit* addField(const QString& keyword, const QString& objectName);
    void textChanged();
    void fieldChanged();
    void judge();
    void pick(const ConnectionProfile& profile);
    void requestConnection();
    void saveProfile();
    void showMessage(const QString& text, bool failed, const QString& words);
    void updateButtons();

    ConninfoParser m_parser;
    ProfileList* m_profiles;
    QLineEdit* m_text;
    ToneLabel* m_verdict;
    std::vector<Field> m_fields;
    QComboBox* m_sslMode;
    QLineEdit* m_password;
    QLineEdit* m_name;
    QPushButton* m_save;
    QPushButton* m_sandbox;
    QPushButton* m_test;
    QPushButton* m_cancel;
    QPushButton* m_connect;
    ToneLabel* m_message;
    WordsView* m_words;
    QWidget* m_inputs = nullptr;
    ConnectionProfile m_picked;
    bool m_valid = false;
    bool m_cut = false;
    bool m_busy = false;
    bool m_syncing = false;
};

} // namespace lockscope
