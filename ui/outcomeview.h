#pragma once

#include "models/domain/outcome.h"
#include "models/domain/time.h"

#include <QTimer>
#include <QWidget>

namespace lockscope {

class StatePill;
class ToneLabel;
class WordsView;

/// How the last action ended: the kind as a pill, one sentence, and the server's own words below as they came, in plain
/// text. While a statement runs it says what runs and for how long. GUI thread. Never words an outcome by itself.
class OutcomeView final : public QWidget
{
    Q_OBJECT

public:
    /// The server decides how many notices there are and how long: more than this is counted, not shown.
    static constexpr int maximumNotices = 8;
    static constexpr int maximumNoticeLength = 1000;

    /// An empty prefix names the children outcomePill, outcomeText and outcomeNotices; "client" makes clientOutcomePill
    /// ...
    explicit OutcomeView(const QString& namePrefix = {}, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(OutcomeView)

    /// Room for that many lines even when there are fewer, so that what stands above stays where it is.
    void reserveLines(int lines);
    void clear(const QString& hint);
    void setOutcome(const Outcome& outcome);
    /// An end that no action asked for: "lost", "not connected".
    void setError(const QString& word, const Error& error);
    /// waitsForLock: for a lock, rather than for a statement that works.
    void setRunning(const QString& doing, SteadyTime since, bool waitsForLock);

protected:
    void changeEvent(QEvent* event) override;

private:
    void applyReserve();
    void setNotices(QStringList lines, bool warns);
    void showElapsed();

    StatePill* m_pill;
    ToneLabel* m_text;
    WordsView* m_notices;
    int m_reservedLines = 0;
    QTimer m_timer;
    QString m_doing;
    SteadyTime m_since{};
};

} // namespace lockscope
