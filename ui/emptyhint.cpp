#include "ui/emptyhint.h"

#include "ui/tonelabel.h"

#include <QAbstractItemView>
#include <QEvent>
#include <QVBoxLayout>

namespace lockscope {

EmptyHint::EmptyHint(QAbstractItemView* view, const QString& text)
    : QWidget(view->viewport())
    , m_view(view)
    , m_label(new ToneLabel(this))
{
    setObjectName(view->objectName() + QStringLiteral("Hint"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    m_label->setMuted();
    m_label->setAlignment(Qt::AlignCenter);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_label);
    setText(text);

    const QAbstractItemModel* model = view->model();
    connect(model, &QAbstractItemModel::rowsInserted, this, &EmptyHint::follow);
    connect(model, &QAbstractItemModel::rowsRemoved, this, &EmptyHint::follow);
    connect(model, &QAbstractItemModel::modelReset, this, &EmptyHint::follow);
    connect(model, &QAbstractItemModel::layoutChanged, this, &EmptyHint::follow);
    view->viewport()->installEventFilter(this);
    follow();
}

QString EmptyHint::text() const
{
    return m_label->text();
}

void EmptyHint::setText(const QString& text)
{
    m_label->setText(text);
}

bool EmptyHint::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize || event->type() == QEvent::Show)
        follow();
    return QWidget::eventFilter(watched, event);
}

void EmptyHint::follow()
{
    setGeometry(m_view->viewport()->rect());
    setVisible(m_view->model()->rowCount() == 0);
}

} // namespace lockscope
