#pragma once

#include "models/domain/connectionprofile.h"
#include "models/domain/probereport.h"
#include "models/domain/result.h"

#include <QDialog>

#include <functional>
#include <optional>

class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace lockscope {

class EmptyState;
class PanelScroll;
class StatePill;
class ToneLabel;
class WordsView;

/// Probes an endpoint: which one, what will be done to it, the checks as they arrive, the verdict and what to change.
/// Show it with open(). GUI thread. Sends nothing by itself; nothing is done before the person presses Start. The
/// password is said once with the wish and never stored or shown.
class ProbeDialog final : public QDialog
{
    Q_OBJECT

public:
    static constexpr int maximumLength = 8192;
    /// What libpq makes of a connection string, given from outside: this dialog never reads the environment or a file.
    using Parser = std::function<Result<ConnectionSummary>(const QString&)>;

    explicit ProbeDialog(Parser parser, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ProbeDialog)

    /// conninfo without a password; title names the connection and may be empty.
    void setEndpoint(const QString& conninfo, const QString& title);
    /// From Start to the report or an error; forgets the checks of the run before.
    void setRunning();
    void addCheck(const ProbeCheck& check);
    void setReport(const ProbeReport& report);
    /// It could not run at all.
    void setError(const Error& error);
    void askForPassword();
    [[nodiscard]] bool isRunning() const { return m_running; }

Q_SIGNALS:
    void startRequested(const QString& conninfo, const QString& password);
    void stopRequested();
    void copyTextRequested(const lockscope::ProbeReport& report);
    void copyJsonRequested(const lockscope::ProbeReport& report);

private:
    [[nodiscard]] QWidget* makeForm();
    [[nodiscard]] QWidget* makeResults();
    void judge();
    void startOrStop();
    void stopRunning();
    void clearResults();
    void showResults(bool shown);
    void showAdvice(const QStringList& leftBehind, const QStringList& advice);
    void updateButtons();

    Parser m_parser;
    QLineEdit* m_endpoint;
    QLineEdit* m_password;
    ToneLabel* m_meaning;
    QPushButton* m_start;
    QPushButton* m_copyText;
    QPushButton* m_copyJson;
    StatePill* m_pill;
    QLabel* m_verdict;
    QLabel* m_place;
    WordsView* m_words;
    QVBoxLayout* m_checks = nullptr;
    QVBoxLayout* m_advice = nullptr;
    PanelScroll* m_scroll = nullptr;
    EmptyState* m_empty;
    QWidget* m_results = nullptr;
    std::optional<ProbeReport> m_report;
    bool m_valid = false;
    bool m_running = false;
    bool m_stopping = false;
};

} // namespace lockscope
