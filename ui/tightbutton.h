#pragma once

#include "ui/theme.h"

#include <QPushButton>

#include <algorithm>

namespace lockscope {

/// A button that may become as narrow as its words, for rows of many in a dock. GUI thread.
class TightButton final : public QPushButton
{
    Q_OBJECT

public:
    explicit TightButton(const QString& text, QWidget* parent = nullptr)
        : QPushButton(text, parent)
    {
        setAutoDefault(false);
        setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    }

    [[nodiscard]] QSize minimumSizeHint() const override
    {
        const QSize usual = QPushButton::minimumSizeHint();
        if (text().isEmpty())
            return usual;
        return {std::min(usual.width(), fontMetrics().horizontalAdvance(text()) + 2 * theme::grid()), usual.height()};
    }
};

} // namespace lockscope
