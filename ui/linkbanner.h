#pragma once

#include "models/domain/linkstate.h"
#include "ui/icons.h"

#include <QFrame>
#include <QTimer>

#include <functional>

class QLabel;
class QPushButton;

namespace lockscope {

/// Above the table while the link is not what it should be: what happened, how old that makes what is shown, and when
/// it is tried again. GUI thread. Ages come from the monotonic clock; says nothing of locks but that they are old.
class LinkBanner final : public QFrame
{
    Q_OBJECT

public:
    using Clock = std::function<SteadyTime()>;

    explicit LinkBanner(QWidget* parent = nullptr, Clock clock = &std::chrono::steady_clock::now);
    Q_DISABLE_COPY_MOVE(LinkBanner)

    /// Live and not paused, or closed: the banner hides itself. Without rows on screen it leaves Connecting to the
    /// page.
    void setLink(const LinkState& link, bool showsRows);

Q_SIGNALS:
    void reconnectRequested();
    void changeConnectionRequested();
    void resumeRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    [[nodiscard]] Tone tone() const;
    [[nodiscard]] IconName picture() const;
    [[nodiscard]] QString happened() const;
    [[nodiscard]] QString meaning() const;

    Clock m_clock;
    LinkState m_link;
    bool m_showsRows = false;
    QTimer m_tick;
    QLabel* m_picture;
    QLabel* m_happened;
    QLabel* m_meaning;
    QLabel* m_words;
    QPushButton* m_reconnect;
    QPushButton* m_change;
    QPushButton* m_resume;
};

} // namespace lockscope
