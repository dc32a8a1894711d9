#pragma once

#include "models/domain/labserver.h"
#include "models/domain/poolerspec.h"
#include "models/domain/poolstate.h"
#include "ui/lab/poolteller.h"

#include <QWidget>

#include <optional>

class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace lockscope {

class CodePane;
class EmptyState;
class PoolCallTable;
class PoolControls;
class PoolPicture;
class PoolRun;
class PoolStatistics;
class StatePill;
class ToneLabel;
class WordsView;

/// The pool trap, step by step: a pool to set up, calls to make, the picture with what just happened and why, the calls
/// as a table, the SQL and the code for it, and the statistics. GUI thread. Takes values, says wishes; never opens a
/// connection.
class PoolPage final : public QWidget
{
    Q_OBJECT

public:
    explicit PoolPage(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolPage)

    void setServer(const LabServer& server);
    /// Phase Closed leaves the last picture; what was said and called stays to be read.
    void setState(const PoolState& state);
    /// What stands between the pool and the server, once it is known; empty: nothing.
    void setPooler(const std::optional<PoolerSpec>& pooler);
    /// Between the wish to open and the first state.
    void setBusy(bool busy);
    void callDispatched(const QString& request, PoolAction action, LockKey key, int slot);
    void addCall(const PoolCall& call);
    void setHitRates(const QList<HitRate>& rates);
    void setMeasuring(bool measuring);
    void setError(const Error& error);
    /// As if there never was a pool: another server.
    void reset();

Q_SIGNALS:
    void openRequested(const lockscope::PoolSpec& spec, const std::optional<lockscope::PoolerSpec>& pooler);
    void closeRequested();
    void acquireRequested(const QString& request, const lockscope::LockKey& key);
    void releaseRequested(const QString& request, const lockscope::LockKey& key, bool failing);
    void unlockEverythingRequested();
    void measureRequested(const lockscope::HitRatePlan& plan);
    void measureStopRequested();
    void sandboxRequested(); ///< from the empty state

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* makeCentre();
    void makeTabs();
    void connectControls();
    void connectRun();
    void arrange();
    void refresh();
    void refreshStatistics();
    void say(const QString& sentence);
    void acquireNext();
    void clearStory();
    [[nodiscard]] QString releaser() const;
    void tellNext();

    LabServer m_server;
    std::optional<PoolState> m_state;
    std::optional<PoolerSpec> m_pooler;
    PoolTeller m_teller;
    int m_request = 0; ///< the last number given
    QString m_holder;  ///< the request that was granted a key last: it is the one to release
    bool m_wide = false;
    bool m_measuring = false;

    QStackedWidget* m_stack;
    EmptyState* m_empty;
    PoolControls* m_controls;
    PoolPicture* m_picture;
    StatePill* m_answer;
    ToneLabel* m_sentence;
    WordsView* m_words;
    PoolCallTable* m_calls;
    CodePane* m_statements;
    CodePane* m_code;
    PoolStatistics* m_statistics;
    QTabWidget* m_tabs;     ///< under the picture
    QTabWidget* m_sideTabs; ///< beside it, where there is room
    QSplitter* m_across = nullptr;
    QSplitter* m_down = nullptr;
    PoolRun* m_run;
};

} // namespace lockscope
