#pragma once

#include "models/domain/scenariostate.h"
#include "ui/lab/labdrawing.h"

#include <QWidget>

namespace lockscope {

/// The actors of a lesson side by side: who each is, which connections it has, what it holds by the server's word and
/// what it believes. GUI thread. Paints values; as high as its width makes it. Never asks anything.
class ActorsView final : public QWidget
{
    Q_OBJECT

public:
    explicit ActorsView(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ActorsView)

    void setActors(const QList<ScenarioActorState>& actors);
    /// Whose turn it is; empty: nobody's.
    void setActing(const QString& actor);
    /// The picture in words: also the accessible description.
    [[nodiscard]] QString text() const;

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Place
    {
        QRectF rect;
        qsizetype actor = 0;
    };
    [[nodiscard]] QList<Place> places(int width, const LabLook& look) const;
    [[nodiscard]] qreal actorHeight(const ScenarioActorState& actor, const LabLook& look) const;
    void paintActor(QPainter* painter, const QRectF& rect, const ScenarioActorState& actor, const LabLook& look) const;

    QList<ScenarioActorState> m_actors;
    QString m_acting;
};

} // namespace lockscope
