#pragma once

#include "ui/theme.h"

#include <QLabel>

#include <optional>

namespace lockscope {

/// A label that never reads its text as markup and whose colour is a meaning, not a number: it follows a switch of
/// scheme by itself. GUI thread. Never shows a link, an image or more than it was given.
class ToneLabel final : public QLabel
{
    Q_OBJECT

public:
    enum class Role
    {
        Body,
        Muted,
        Toned
    };

    explicit ToneLabel(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ToneLabel)

    void setMuted();
    void setBody();
    void setTone(Tone tone);

protected:
    void changeEvent(QEvent* event) override;

private:
    void applyColor();

    Role m_role = Role::Body;
    Tone m_tone = Tone::Held;
};

} // namespace lockscope
