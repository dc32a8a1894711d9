#include "ui/wordsview.h"

#include <QApplication>
#include <QEvent>
#include <QTextBlock>

#include <algorithm>

namespace lockscope {

WordsView::WordsView(QWidget* parent)
    : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setUndoRedoEnabled(false);
    setFrameShape(QFrame::NoFrame);
    setFont(theme::monospace());
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTabChangesFocus(true);
    document()->setDocumentMargin(0);
    viewport()->setAutoFillBackground(false);
    setWords({}, std::nullopt);
}

void WordsView::setWords(const QString& words, std::optional<Tone> tone)
{
    m_tone = tone;
    setPlainText(words);
    applyColor();
    setVisible(!words.isEmpty());
    fitHeight();
}

void WordsView::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange) {
        fitHeight();
    } else if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        setFont(theme::monospace()); // follows the size of the interface
        applyColor();
    }
    QPlainTextEdit::changeEvent(event);
}

void WordsView::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    fitHeight();
}

void WordsView::applyColor()
{
    const QPalette base = QApplication::palette(this);
    const QColor wanted = m_tone ? theme::color(*m_tone, base) : theme::mutedText(base);
    if (palette().color(QPalette::Text) == wanted)
        return; // setting a palette sends PaletteChange: the same colour again ends the circle
    QPalette own = palette();
    own.setColor(QPalette::Text, wanted);
    setPalette(own);
}

void WordsView::fitHeight()
{
    int lines = 0;
    for (QTextBlock block = document()->begin(); block.isValid() && lines <= maximumLines; block = block.next()) {
        std::ignore = blockBoundingRect(block); // lays the block out, which lineCount() needs
        lines += std::max(1, block.layout()->lineCount());
    }
    // A hidden scroll bar leaves the width alone, so that the number of lines does not swing to and fro.
    setVerticalScrollBarPolicy(lines > maximumLines ? Qt::ScrollBarAlwaysOn : Qt::ScrollBarAlwaysOff);
    const int height = std::clamp(lines, 1, maximumLines) * fontMetrics().lineSpacing() + 2;
    if (height != maximumHeight() || height != minimumHeight())
        setFixedHeight(height);
}

} // namespace lockscope
