#include "ui/quietstyle.h"

#include "ui/icons.h"
#include "ui/quietpaint.h"
#include "ui/theme.h"

#include <QAbstractSpinBox>
#include <QPainter>
#include <QStyleOption>
#include <QTabBar>

#include <algorithm>

namespace lockscope {

using namespace quietpaint;

namespace {

bool isDefaultButton(const QStyleOption* option)
{
    const auto* const button = qstyleoption_cast<const QStyleOptionButton*>(option);
    return button != nullptr && button->features.testFlag(QStyleOptionButton::DefaultButton) &&
           option->state.testFlag(QStyle::State_Enabled);
}

} // namespace

QuietStyle::QuietStyle()
    : QProxyStyle(QStringLiteral("fusion"))
{
}

void QuietStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                               const QWidget* widget) const
{
    const QPalette& palette = option->palette;
    switch (element) {
    case PE_PanelButtonCommand: {
        const auto* const button = qstyleoption_cast<const QStyleOptionButton*>(option);
        if (button != nullptr && button->features.testFlag(QStyleOptionButton::Flat) &&
            !option->state.testFlag(State_MouseOver) && !option->state.testFlag(State_Sunken))
            return;
        drawButtonPanel(option, painter, isDefaultButton(option));
        return;
    }
    case PE_FrameDefaultButton:
    case PE_FrameStatusBarItem:
        return;
    case PE_PanelButtonTool: {
        const bool on = option->state.testFlag(State_Sunken) || option->state.testFlag(State_On);
        const bool hovered = option->state.testFlag(State_MouseOver) && option->state.testFlag(State_Enabled);
        const bool focused =
            option->state.testFlag(State_HasFocus) && option->state.testFlag(State_KeyboardFocusChange);
        if (!on && !hovered && !focused)
            return;
        const QColor base = palette.color(QPalette::Window);
        const QColor fill = on ? theme::selection(palette) : blend(palette.color(QPalette::WindowText), base, 0.08);
        drawFrame(painter, option->rect, fill, focused ? palette.color(QPalette::Highlight) : fill);
        return;
    }
    case PE_PanelLineEdit: {
        const auto* const frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        if (frame != nullptr && frame->lineWidth > 0) {
            const bool enabled = option->state.testFlag(State_Enabled);
            drawFrame(painter, option->rect, palette.color(enabled ? QPalette::Base : QPalette::Window),
                      fieldLine(option));
            return;
        }
        break;
    }
    case PE_FrameLineEdit:
        return; // PE_PanelLineEdit has drawn it
    case PE_Frame: {
        const auto* const frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        if (frame != nullptr && frame->frameShape == QFrame::StyledPanel) {
            painter->save();
            painter->setPen(fieldLine(option));
            painter->setBrush(Qt::NoBrush);
            painter->setRenderHint(QPainter::Antialiasing);
            painter->drawRoundedRect(crisp(option->rect), cornerRadius, cornerRadius);
            painter->restore();
            return;
        }
        break;
    }
    case PE_IndicatorCheckBox:
        drawCheckBox(option, painter);
        return;
    case PE_PanelScrollAreaCorner:
        painter->fillRect(option->rect, palette.color(QPalette::Base));
        return;
    case PE_FrameFocusRect: {
        if (!option->state.testFlag(State_KeyboardFocusChange))
            return;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(palette.color(QPalette::Highlight), 1));
        painter->drawRoundedRect(crisp(option->rect), 3, 3);
        painter->restore();
        return;
    }
    case PE_IndicatorHeaderArrow: {
        const auto* const header = qstyleoption_cast<const QStyleOptionHeader*>(option);
        if (header != nullptr && header->sortIndicator != QStyleOptionHeader::None)
            drawChevron(painter, option->rect.adjusted(-2, 0, 2, 0), theme::color(Tone::Accent, palette),
                        header->sortIndicator == QStyleOptionHeader::SortUp);
        return;
    }
    case PE_IndicatorArrowDown:
    case PE_IndicatorArrowUp: {
        const auto group = option->state.testFlag(State_Enabled) ? QPalette::Active : QPalette::Disabled;
        drawChevron(painter, option->rect.adjusted(-2, -2, 2, 2), palette.color(group, QPalette::ButtonText),
                    element == PE_IndicatorArrowUp);
        return;
    }
    case PE_PanelItemViewItem: {
        // Selected rows keep the colours of their text.
        const auto* const item = qstyleoption_cast<const QStyleOptionViewItem*>(option);
        if (item != nullptr && item->state.testFlag(State_Selected))
            painter->fillRect(item->rect, theme::selection(palette));
        else if (item != nullptr && item->backgroundBrush.style() != Qt::NoBrush)
            painter->fillRect(item->rect, item->backgroundBrush);
        return;
    }
    case PE_PanelItemViewRow: {
        const auto* const item = qstyleoption_cast<const QStyleOptionViewItem*>(option);
        if (item != nullptr && item->features.testFlag(QStyleOptionViewItem::Alternate))
            painter->fillRect(item->rect, palette.color(QPalette::AlternateBase));
        if (item != nullptr && item->state.testFlag(State_Selected))
            painter->fillRect(item->rect, theme::selection(palette));
        return;
    }
    default:
        break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void QuietStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                             const QWidget* widget) const
{
    const QPalette& palette = option->palette;
    switch (element) {
    case CE_PushButtonLabel:
        if (const auto* const button = qstyleoption_cast<const QStyleOptionButton*>(option); isDefaultButton(option)) {
            QStyleOptionButton filled = *button;
            filled.palette.setColor(QPalette::ButtonText, palette.color(QPalette::HighlightedText));
            QProxyStyle::drawControl(element, &filled, painter, widget);
            return;
        }
        break;
    case CE_HeaderSection: {
        painter->fillRect(option->rect, palette.color(QPalette::Window));
        painter->setPen(theme::hairline(palette));
        painter->drawLine(option->rect.bottomLeft(), option->rect.bottomRight());
        return;
    }
    case CE_HeaderEmptyArea:
        painter->fillRect(option->rect, palette.color(QPalette::Window));
        painter->setPen(theme::hairline(palette));
        painter->drawLine(option->rect.bottomLeft(), option->rect.bottomRight());
        return;
    case CE_Header:
        // Fusion lays these out by itself, past a proxy's sub-element rectangles.
        if (const auto* const header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            drawControl(CE_HeaderSection, option, painter, widget);
            QStyleOptionHeader part = *header;
            part.rect = subElementRect(SE_HeaderLabel, option, widget);
            painter->setPen(theme::mutedText(palette));
            painter->drawText(part.rect,
                              static_cast<int>(header->textAlignment | Qt::AlignVCenter | Qt::TextSingleLine),
                              header->fontMetrics.elidedText(header->text, Qt::ElideRight, part.rect.width()));
            part.rect = subElementRect(SE_HeaderArrow, option, widget);
            drawPrimitive(PE_IndicatorHeaderArrow, &part, painter, widget);
            return;
        }
        break;
    case CE_TabBarTabShape:
        if (const auto* const tab = qstyleoption_cast<const QStyleOptionTab*>(option)) {
            const bool below = tab->shape == QTabBar::RoundedSouth || tab->shape == QTabBar::TriangularSouth;
            const bool above = tab->shape == QTabBar::RoundedNorth || tab->shape == QTabBar::TriangularNorth;
            if (!below && !above)
                break;
            painter->fillRect(tab->rect, palette.color(QPalette::Window));
            if (tab->state.testFlag(State_Selected)) {
                const int thickness = 2;
                const int y = below ? tab->rect.top() : tab->rect.bottom() + 1 - thickness;
                painter->fillRect(QRect(tab->rect.left(), y, tab->rect.width(), thickness),
                                  palette.color(QPalette::Active, QPalette::Highlight));
            }
            return;
        }
        break;
    case CE_TabBarTabLabel:
        if (const auto* const tab = qstyleoption_cast<const QStyleOptionTab*>(option)) {
            QStyleOptionTab quiet = *tab;
            if (!tab->state.testFlag(State_Selected))
                quiet.palette.setColor(QPalette::WindowText, theme::mutedText(palette));
            quiet.state.setFlag(State_HasFocus,
                                tab->state.testFlag(State_HasFocus) && tab->state.testFlag(State_KeyboardFocusChange));
            QProxyStyle::drawControl(element, &quiet, painter, widget);
            return;
        }
        break;
    case CE_Splitter:
        painter->fillRect(option->rect, palette.color(QPalette::Window));
        painter->setPen(theme::hairline(palette));
        if (option->state.testFlag(State_Horizontal)) {
            const int x = option->rect.center().x();
            painter->drawLine(x, option->rect.top(), x, option->rect.bottom());
        } else {
            const int y = option->rect.center().y();
            painter->drawLine(option->rect.left(), y, option->rect.right(), y);
        }
        return;
    case CE_DockWidgetTitle:
        if (const auto* const dock = qstyleoption_cast<const QStyleOptionDockWidget*>(option)) {
            painter->save();
            painter->setFont(theme::strongFont());
            painter->setPen(theme::mutedText(palette));
            const QRect text =
                subElementRect(SE_DockWidgetTitleBarText, option, widget).adjusted(theme::grid() / 2, 0, 0, 0);
            painter->drawText(text, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine),
                              painter->fontMetrics().elidedText(dock->title, Qt::ElideRight, text.width()));
            painter->restore();
            return;
        }
        break;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void QuietStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                    const QWidget* widget) const
{
    const QPalette& palette = option->palette;
    if (control == CC_ScrollBar) {
        const auto* const bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
        if (bar != nullptr) {
            painter->fillRect(bar->rect, palette.color(QPalette::Base));
            if (bar->minimum == bar->maximum)
                return;
            const bool active = bar->state.testFlag(State_MouseOver) || bar->state.testFlag(State_Sunken);
            const QRectF handle =
                QRectF(proxy()->subControlRect(control, option, SC_ScrollBarSlider, widget)).adjusted(3, 3, -3, -3);
            const qreal radius = std::min(handle.width(), handle.height()) / 2;
            painter->save();
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(blend(theme::mutedText(palette), palette.color(QPalette::Base), active ? 0.75 : 0.42));
            painter->drawRoundedRect(handle, radius, radius);
            painter->restore();
            return;
        }
    }
    if (control == CC_SpinBox) {
        const auto* const spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
        if (spin != nullptr && spin->buttonSymbols == QAbstractSpinBox::UpDownArrows) {
            const bool enabled = spin->state.testFlag(State_Enabled);
            drawFrame(painter, spin->rect, palette.color(enabled ? QPalette::Base : QPalette::Window),
                      fieldLine(option));
            for (const auto part : {SC_SpinBoxUp, SC_SpinBoxDown}) {
                const bool up = part == SC_SpinBoxUp;
                const bool steps = enabled && spin->stepEnabled.testFlag(up ? QAbstractSpinBox::StepUpEnabled
                                                                            : QAbstractSpinBox::StepDownEnabled);
                drawChevron(painter, proxy()->subControlRect(control, option, part, widget).adjusted(1, -1, -1, 1),
                            palette.color(steps ? QPalette::Active : QPalette::Disabled, QPalette::ButtonText), up);
            }
            return;
        }
    }
    if (control == CC_ComboBox) {
        const auto* const combo = qstyleoption_cast<const QStyleOptionComboBox*>(option);
        if (combo != nullptr && !combo->editable) {
            drawButtonPanel(option, painter, false);
            const QRect arrow = proxy()->subControlRect(control, option, SC_ComboBoxArrow, widget);
            const bool enabled = option->state.testFlag(State_Enabled);
            drawChevron(painter, arrow.adjusted(2, 2, -2, -2),
                        palette.color(enabled ? QPalette::Active : QPalette::Disabled, QPalette::ButtonText), false);
            return;
        }
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect QuietStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl subControl,
                                 const QWidget* widget) const
{
    if (control == CC_ScrollBar) {
        // No arrow buttons: the whole bar is groove.
        const auto* const bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
        if (bar != nullptr) {
            const bool horizontal = bar->orientation == Qt::Horizontal;
            const int length = horizontal ? bar->rect.width() : bar->rect.height();
            const qint64 range = qint64{bar->maximum} - bar->minimum;
            int handle = length;
            if (range > 0) {
                handle = static_cast<int>(qint64{length} * bar->pageStep / (range + bar->pageStep));
                handle = std::clamp(handle, std::min(28, length), length);
            }
            const int start = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - handle,
                                                      bar->upsideDown);
            const auto part = [&](int from, int size) {
                const QRect rect = horizontal ? QRect(bar->rect.x() + from, bar->rect.y(), size, bar->rect.height())
                                              : QRect(bar->rect.x(), bar->rect.y() + from, bar->rect.width(), size);
                return visualRect(bar->direction, bar->rect, rect);
            };
            switch (subControl) {
            case SC_ScrollBarSlider:
                return part(start, handle);
            case SC_ScrollBarSubPage:
                return part(0, start);
            case SC_ScrollBarAddPage:
                return part(start + handle, length - start - handle);
            case SC_ScrollBarGroove:
                return bar->rect;
            default:
                return {};
            }
        }
    }
    return QProxyStyle::subControlRect(control, option, subControl, widget);
}

QRect QuietStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    if (const auto* const header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
        // The sort arrow stands at the right end of its section, and the title keeps clear of it.
        const int margin = theme::grid();
        const int arrow = header->sortIndicator == QStyleOptionHeader::None ? 0 : theme::grid() + margin / 2;
        const QRect inner = header->rect.adjusted(margin, 0, -margin, 0);
        if (element == SE_HeaderLabel)
            return visualRect(header->direction, header->rect, inner.adjusted(0, 0, -arrow, 0));
        if (element == SE_HeaderArrow)
            return visualRect(header->direction, header->rect,
                              QRect(inner.right() - margin, inner.top(), margin + margin / 2, inner.height()));
    }
    if (element == SE_LineEditContents) {
        // Words keep clear of the frame; inside a spin box there is none.
        const auto* const frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        if (frame != nullptr && frame->lineWidth > 0) {
            const int margin = frame->lineWidth + theme::grid() / 4 + 1;
            return option->rect.adjusted(margin, frame->lineWidth, -margin, -frame->lineWidth);
        }
    }
    return QProxyStyle::subElementRect(element, option, widget);
}

QIcon QuietStyle::standardIcon(StandardPixmap standardIcon, const QStyleOption* option, const QWidget* widget) const
{
    switch (standardIcon) {
    case SP_TitleBarCloseButton:
    case SP_DockWidgetCloseButton:
    case SP_LineEditClearButton:
        return icon(IconName::Close);
    case SP_TitleBarNormalButton:
        return icon(IconName::Float);
    case SP_MessageBoxInformation:
        return icon(IconName::Information, Tone::Accent);
    case SP_MessageBoxWarning:
        return icon(IconName::Warning, Tone::Waiting);
    case SP_MessageBoxCritical:
        return icon(IconName::Error, Tone::Error);
    case SP_MessageBoxQuestion:
        return icon(IconName::Help, Tone::Accent);
    default:
        return QProxyStyle::standardIcon(standardIcon, option, widget);
    }
}

QSize QuietStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                   const QWidget* widget) const
{
    QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
    const int grid = theme::grid();
    switch (type) {
    case CT_PushButton:
        if (const auto* const button = qstyleoption_cast<const QStyleOptionButton*>(option);
            button != nullptr && button->text.isEmpty())
            result = QSize(theme::rowHeight() + 2, theme::rowHeight() + 2);
        else
            result = QSize(size.width() + 2 * grid, std::max(result.height(), theme::rowHeight() + 2));
        break;
    case CT_ToolButton:
        result.setHeight(std::max(result.height(), theme::rowHeight()));
        break;
    case CT_SpinBox:
        result.setHeight(theme::rowHeight() + 2); // as high as the buttons beside it; Fusion adds two pixels more
        break;
    case CT_LineEdit:
    case CT_ComboBox:
        result.setHeight(std::max(result.height(), theme::rowHeight() + 2));
        break;
    case CT_HeaderSection:
        result.setHeight(theme::rowHeight());
        break;
    case CT_MenuBarItem:
        result.setHeight(std::max(result.height(), theme::rowHeight()));
        break;
    default:
        break;
    }
    return result;
}

int QuietStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ScrollBarExtent:
        return 12;
    case PM_SplitterWidth:
        return 7;
    case PM_DockWidgetSeparatorExtent:
        return 7;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_ToolBarIconSize:
        return theme::iconSize();
    case PM_HeaderMargin:
        return theme::grid();
    case PM_HeaderMarkSize:
        return theme::grid() + 4;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return theme::grid();
    case PM_LayoutLeftMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutBottomMargin:
        return theme::grid();
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int QuietStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                          QStyleHintReturn* data) const
{
    switch (hint) {
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
        return 0;
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_ScrollBar_LeftClickAbsolutePosition:
        return 0;
    case SH_DialogButtonBox_ButtonsHaveIcons:
    case SH_UnderlineShortcut:
        return 0;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

} // namespace lockscope
