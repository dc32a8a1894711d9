#include "ui/lab/endingdetails.h"

#include "models/domain/displaytext.h"
#include "models/domain/endingwords.h"
#include "ui/lab/codepane.h"
#include "ui/lab/endingsdelegate.h"
#include "ui/safetext.h"
#include "ui/tonelabel.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QResizeEvent>
#include <QVBoxLayout>

namespace lockscope {

namespace {

/// In grid units; narrower than that a column would break every sentence.
constexpr int columnsFrom = 90;

} // namespace

EndingDetails::EndingDetails(QWidget* parent)
    : QWidget(parent)
    , m_title(safetext::label({}, this))
    , m_pill(new StatePill(this))
    , m_deed(new ToneLabel(this))
    , m_code(new CodePane(QStringLiteral("ending"), this))
    , m_columns(new QBoxLayout(QBoxLayout::TopToBottom))
{
    setObjectName(QStringLiteral("endingDetails"));
    setAccessibleName(tr("The selected way"));
    const int grid = theme::grid();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid, grid, grid, grid);
    layout->setSpacing(grid / 2);
    auto* const top = new QHBoxLayout;
    top->setSpacing(grid);
    m_title->setObjectName(QStringLiteral("endingTitle"));
    m_title->setMinimumWidth(0);
    m_pill->setObjectName(QStringLiteral("endingPill"));
    top->addWidget(m_title);
    top->addWidget(m_pill);
    top->addStretch(1);
    layout->addLayout(top);
    m_deed->setObjectName(QStringLiteral("endingDeed"));
    m_deed->setWordWrap(true);
    m_deed->setMuted();
    layout->addWidget(m_deed);
    auto* const reasons = new QVBoxLayout;
    auto* const findings = new QVBoxLayout;
    for (QVBoxLayout* const column : {reasons, findings})
        column->setSpacing(grid / 2);
    m_remark = addSection(reasons, "endingRemark", tr("Not measured"));
    m_why = addSection(reasons, "endingWhy", tr("Why"));
    m_shortens = addSection(reasons, "endingShortens", tr("What shortens it"));
    m_expected = addSection(reasons, "endingExpected", tr("Expected and measured"));
    reasons->addStretch(1);
    m_evidence = addSection(findings, "endingEvidence", tr("What was seen"));
    findings->addSpacing(grid / 2);
    m_code->setMinimumHeight(grid * 16);
    m_code->setMaximumHeight(grid * 26);
    findings->addWidget(m_code, 3);
    findings->addStretch(1);
    m_columns->setSpacing(grid / 2);
    m_columns->addLayout(reasons, 1);
    m_columns->addLayout(findings, 1);
    layout->addLayout(m_columns, 1);
    applyFonts();
}

EndingDetails::Section EndingDetails::addSection(QVBoxLayout* layout, const char* name, const QString& title)
{
    Section section{new ToneLabel(this), safetext::wrappingLabel({}, this)};
    section.title->setText(title);
    section.text->setObjectName(QString::fromLatin1(name));
    section.text->setAccessibleName(title);
    layout->addSpacing(theme::grid() / 2);
    layout->addWidget(section.title);
    layout->addWidget(section.text);
    m_sections.append(section);
    return section;
}

void EndingDetails::setText(const Section& section, const QString& text)
{
    section.text->setText(text);
    section.title->setVisible(!text.isEmpty());
    section.text->setVisible(!text.isEmpty());
}

void EndingDetails::setEnding(const EndingState& state, const EndingSettings& settings)
{
    m_title->setText(titleOf(state.kind));
    m_pill->setPill(pillOf(state));
    m_deed->setText(deedOf(state.kind));
    const QString measured = measuredText(state);
    QString expected =
        measured.isEmpty()
            ? tr("Expected %1.").arg(state.expected.text)
            : tr("Expected %1. Measured: %2, %3.").arg(state.expected.text, measured, verdictText(state));
    QString remark = state.remark;
    if (state.error)
        remark = state.error->what + QLatin1Char('\n') + state.error->serverWords;
    setText(m_remark, paragraphText(remark.trimmed(), 1000));
    setText(m_expected, expected);
    setText(m_why, whyOf(state.kind));
    setText(m_shortens, whatShortens(state.kind));
    setText(m_evidence, paragraphText(state.evidence.join(QLatin1Char('\n')), 4000));
    const QString statements = statementsOf(state.kind, settings);
    m_code->setVisible(!statements.isEmpty());
    if (statements != m_code->text())
        m_code->setText(statements);
    setAccessibleDescription(lines().join(QLatin1Char('\n')));
}

QStringList EndingDetails::lines() const
{
    QStringList all{m_title->text(), m_deed->text()};
    for (const Section& section : m_sections) {
        if (!section.text->text().isEmpty())
            all.append(section.title->text() + QStringLiteral(": ") + section.text->text());
    }
    return all;
}

void EndingDetails::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange)
        applyFonts();
}

void EndingDetails::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool wide = event->size().width() > columnsFrom * theme::grid();
    m_columns->setDirection(wide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_columns->setStretch(0, wide ? 1 : 0);
    m_columns->setStretch(1, 1);
    m_columns->setSpacing(wide ? 3 * theme::grid() : theme::grid() / 2);
}

void EndingDetails::applyFonts()
{
    m_title->setFont(theme::titleFont());
    for (const Section& section : std::as_const(m_sections))
        section.title->setFont(theme::strongFont());
}

} // namespace lockscope
