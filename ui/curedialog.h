#pragma once

#include "models/domain/cure.h"

#include <QDialog>

class QCheckBox;
class QPushButton;

namespace lockscope {

class ToneLabel;

/// Asked before something is done to somebody else's session: who it is, what it lets go of, who gets on then. Shows
/// one plan that never changes, whatever is polled meanwhile. Show it with open(). GUI thread. Never acts by itself:
/// accepted() means do it, rejected() means leave it.
class CureDialog final : public QDialog
{
    Q_OBJECT

public:
    explicit CureDialog(const CurePlan& plan, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(CureDialog)

    /// Says below the plan when the victim left or is another one by now; the plan stays as it is.
    void setStillThere(bool stillThere);
    [[nodiscard]] const CurePlan& plan() const { return m_plan; }
    [[nodiscard]] QString text() const; ///< all of it, for the clipboard

Q_SIGNALS:
    void copyRequested(const QString& text);

private:
    struct Section
    {
        QString title;
        QString text;
        QString objectName;
    };
    [[nodiscard]] QString question() const;
    [[nodiscard]] QList<Section> sections() const;
    [[nodiscard]] QWidget* makePlanView();

    const CurePlan m_plan;
    ToneLabel* m_change;
    QCheckBox* m_known;
    QPushButton* m_act;
};

} // namespace lockscope
