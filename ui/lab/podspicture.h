#pragma once

#include "models/domain/podslabstate.h"
#include "ui/lab/labdrawing.h"

#include <QTimer>
#include <QWidget>

namespace lockscope {

/// One pod as a box: its process, its connections, its own map, the requests that fly in and the answers that come
/// back, and its line down to the server. GUI thread. Only paints what it was given.
class PodsPicture final : public QWidget
{
    Q_OBJECT

public:
    explicit PodsPicture(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodsPicture)

    /// holds: by the server's word. doubted: it believes in a key that the server gave to nobody or to somebody else.
    void setPod(const PodState& pod, const QList<LockKey>& holds, const QList<LockKey>& doubted);
    /// Room for so many connections, so that boxes side by side are of one height.
    void setRows(qsizetype connections);
    void showRequest(const PodRequest& request);
    void showAnswer(const PodAnswer& answer);
    void forgetAnswers();

    /// What a screen reader says, line by line; for tests as well.
    [[nodiscard]] QStringList lines() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QString told() const;
    struct Flight
    {
        QString text;
        Tone tone = Tone::Mine;
        SteadyTime startedAt;
    };

    void shown();
    void fly();
    [[nodiscard]] double progress(const Flight& flight) const;
    [[nodiscard]] qreal stripHeight(const LabLook& look) const;
    [[nodiscard]] qreal boxHeight(const LabLook& look) const;
    [[nodiscard]] labdrawing::SessionBox box() const;
    void paintConnections(QPainter* painter, QRectF room, const LabLook& look) const;
    void paintFlights(QPainter* painter, const QRectF& strip, const LabLook& look) const;

    PodState m_pod;
    QList<LockKey> m_holds;
    QList<LockKey> m_doubted;
    qsizetype m_rows = 1;
    std::optional<Flight> m_request;
    QList<Flight> m_answers; ///< the last two
    QString m_words;         ///< of the last answer
    QTimer m_timer;
};

} // namespace lockscope
