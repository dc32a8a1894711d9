#include "ui/lab/codepane.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"

#include <QClipboard>
#include <QComboBox>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

CodePane::CodePane(const QString& namePrefix, QWidget* parent)
    : QWidget(parent)
    , m_languageBox(new QComboBox(this))
    , m_formTabs(new QTabBar(this))
    , m_remark(new ToneLabel(this))
    , m_text(safetext::textView(this))
    , m_copyButton(new QPushButton(icon(IconName::Copy), tr("Copy"), this))
{
    m_languageBox->setObjectName(namePrefix + QStringLiteral("LanguageBox"));
    m_languageBox->setAccessibleName(tr("Language or library"));
    m_languageBox->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_languageBox->setMinimumContentsLength(8);
    m_languageBox->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_formTabs->setObjectName(namePrefix + QStringLiteral("FormTabs"));
    m_formTabs->setAccessibleName(tr("Form of the code"));
    m_formTabs->setDrawBase(false);
    m_formTabs->setExpanding(false);
    m_remark->setObjectName(namePrefix + QStringLiteral("Remark"));
    m_remark->setMuted();
    m_remark->setWordWrap(true);
    m_text->setObjectName(namePrefix + QStringLiteral("Text"));
    m_text->setAccessibleName(tr("Code"));
    m_text->setWordWrapMode(QTextOption::NoWrap); // code keeps its lines
    m_text->setTabStopDistance(4 * QFontMetricsF(m_text->font()).horizontalAdvance(QLatin1Char(' ')));
    m_copyButton->setObjectName(namePrefix + QStringLiteral("CopyButton"));
    m_copyButton->setAccessibleName(tr("Copy the code"));
    m_copyButton->setAutoDefault(false);

    const int grid = theme::grid();
    auto* top = new QHBoxLayout;
    top->setSpacing(grid / 2);
    top->addWidget(m_languageBox, 1);
    top->addWidget(m_formTabs);
    top->addStretch(0);
    top->addWidget(m_copyButton);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid / 2);
    layout->addLayout(top);
    layout->addWidget(m_remark);
    layout->addWidget(m_text, 1);

    connect(m_languageBox, &QComboBox::currentIndexChanged, this, &CodePane::updateForms);
    connect(m_languageBox, &QComboBox::activated, this, [this] { Q_EMIT languageChanged(language()); });
    connect(m_formTabs, &QTabBar::currentChanged, this, &CodePane::updateText);
    connect(m_copyButton, &QPushButton::clicked, this, &CodePane::copy);
    setSnippets({});
}

void CodePane::setSnippets(const QList<CodeSnippet>& snippets)
{
    const QString before = language();
    m_snippets = snippets;
    {
        const QSignalBlocker blocker(m_languageBox);
        m_languageBox->clear();
        for (const CodeSnippet& snippet : snippets) {
            if (m_languageBox->findData(snippet.language) < 0)
                m_languageBox->addItem(cellText(snippet.language, 100), snippet.language);
        }
        m_languageBox->setCurrentIndex(std::max(0, m_languageBox->findData(before)));
        m_languageBox->setVisible(m_languageBox->count() > 1);
    }
    updateForms();
}

void CodePane::setText(const QString& text, const QString& emptyText)
{
    m_text->setPlaceholderText(paragraphText(emptyText, 1000));
    setSnippets({{.code = text}});
}

void CodePane::showSnippet(const QString& language, const QString& form)
{
    if (const int index = m_languageBox->findData(language); index >= 0)
        m_languageBox->setCurrentIndex(index);
    for (int tab = 0; tab < m_formTabs->count(); ++tab) {
        if (m_formTabs->tabData(tab).toString() == form)
            m_formTabs->setCurrentIndex(tab);
    }
}

QString CodePane::text() const
{
    return m_text->toPlainText();
}

QString CodePane::language() const
{
    return m_languageBox->currentData().toString();
}

QString CodePane::form() const
{
    return m_formTabs->tabData(m_formTabs->currentIndex()).toString();
}

void CodePane::copy() const
{
    if (!text().isEmpty())
        QGuiApplication::clipboard()->setText(text());
}

void CodePane::updateForms()
{
    const QString before = form();
    {
        const QSignalBlocker blocker(m_formTabs);
        while (m_formTabs->count() > 0)
            m_formTabs->removeTab(0);
        int current = 0;
        for (const CodeSnippet& snippet : std::as_const(m_snippets)) {
            if (snippet.language != language())
                continue;
            const int tab = m_formTabs->addTab(escapedMnemonic(snippet.form));
            m_formTabs->setTabData(tab, snippet.form);
            if (snippet.form == before)
                current = tab;
        }
        m_formTabs->setCurrentIndex(current);
        m_formTabs->setVisible(m_formTabs->count() > 1);
    }
    updateText();
}

const CodeSnippet* CodePane::shown() const
{
    const auto found = std::find_if(m_snippets.cbegin(), m_snippets.cend(), [this](const CodeSnippet& snippet) {
        return snippet.language == language() && snippet.form == form();
    });
    return found == m_snippets.cend() ? nullptr : &*found;
}

void CodePane::updateText()
{
    const CodeSnippet* snippet = shown();
    m_text->setPlainText(snippet == nullptr ? QString() : paragraphText(snippet->code));
    m_remark->setText(snippet == nullptr ? QString() : paragraphText(snippet->remark, 1000));
    m_remark->setVisible(!m_remark->text().isEmpty());
    m_copyButton->setEnabled(!text().isEmpty());
}

void CodePane::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        m_text->setFont(theme::monospace());
        m_text->setTabStopDistance(4 * QFontMetricsF(m_text->font()).horizontalAdvance(QLatin1Char(' ')));
    }
}

} // namespace lockscope
