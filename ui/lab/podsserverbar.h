#pragma once

#include "models/domain/podslabstate.h"

#include <QWidget>

namespace lockscope {

/// PostgreSQL as the source of truth under the pods: who holds which key, by its own word. GUI thread. Only paints.
class PodsServerBar final : public QWidget
{
    Q_OBJECT

public:
    explicit PodsServerBar(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodsServerBar)

    void setServerTitle(const QString& title);
    void setHolders(const QList<PodHolder>& holders, bool known, const std::optional<Error>& problem);
    /// "key 5: pod-a, pid 1234"
    [[nodiscard]] QStringList lines() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] static QString holderText(const PodHolder& holder);
    void shown();

    QString m_title;
    QList<PodHolder> m_holders;
    bool m_known = false;
    std::optional<Error> m_problem;
};

} // namespace lockscope
