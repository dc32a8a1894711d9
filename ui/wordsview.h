#pragma once

#include "ui/theme.h"

#include <QPlainTextEdit>

#include <optional>

namespace lockscope {

/// The server's own words: plain text in the monospace face, as high as they are up to a few lines, then it scrolls;
/// breaks words that have no end. GUI thread. Read only; never markup, never a link.
class WordsView final : public QPlainTextEdit
{
    Q_OBJECT

public:
    static constexpr int maximumLines = 5;

    explicit WordsView(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(WordsView)

    /// Hides itself while there is nothing to say. Without a tone the text is secondary.
    void setWords(const QString& words, std::optional<Tone> tone);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyColor();
    void fitHeight();

    std::optional<Tone> m_tone;
};

} // namespace lockscope
