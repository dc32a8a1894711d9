#pragma once

#include "models/domain/cure.h"

#include <QDialog>

class QPushButton;

namespace lockscope {

class ToneLabel;
class WordsView;

/// The lesson "release a foreign lock": why it cannot work, and on request what the server answers. Show it with
/// open(). GUI thread. Shows and asks; never sends anything itself.
class ReleaseLessonDialog final : public QDialog
{
    Q_OBJECT

public:
    /// key: "key 5 in shop"; holder: "1234 (pod-a)". Both hostile.
    ReleaseLessonDialog(const QString& key, const QString& holder, const QString& statement, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ReleaseLessonDialog)

    void setRunning();
    void setAnswer(const ForeignRelease& answer);

Q_SIGNALS:
    void tryRequested();

private:
    QPushButton* m_try;
    ToneLabel* m_answer;
    WordsView* m_words;
};

} // namespace lockscope
