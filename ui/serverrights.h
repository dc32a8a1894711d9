#pragma once

#include "models/domain/serverreport.h"

#include <QWidget>

class QVBoxLayout;

namespace lockscope {

/// What a role sees and may do, a line each: a check or a cross, and for what it lacks the GRANT that would change it,
/// to be copied. GUI thread. Shows; never grants anything.
class ServerRights final : public QWidget
{
    Q_OBJECT

public:
    explicit ServerRights(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ServerRights)

    void setAdvice(const QList<RightsAdvice>& advice);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void copyRequested(const QString& text);

private:
    [[nodiscard]] QWidget* line(const RightsAdvice& advice);

    QList<RightsAdvice> m_advice;
    QVBoxLayout* m_lines;
};

} // namespace lockscope
