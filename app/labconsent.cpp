#include "app/labconsent.h"

#include "ui/labconsentdialog.h"

namespace lockscope {

LabConsent::LabConsent(QWidget* window, QObject* parent)
    : QObject(parent)
    , m_window(window)
{
}

void LabConsent::setServer(const LabServer& server)
{
    const bool same =
        server.connected == m_server.connected && server.sandbox == m_server.sandbox && server.title == m_server.title;
    m_server = server;
    if (same)
        return;
    ++m_servers;
    m_allowed.clear();
    if (m_question)
        m_question->reject(); // an answer to it would lead to nothing
}

void LabConsent::ask(const QString& what, const QStringList& deeds, QObject* context, std::function<void()> go)
{
    const QString asked = what + u'\n' + deeds.join(u'\n'); // more than what was allowed is asked again
    if (m_server.sandbox || m_allowed.contains(asked)) {
        go();
        return;
    }
    auto* const dialog = new LabConsentDialog(m_server.title, what, deeds, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, context,
            [this, asked, go = std::move(go), servers = m_servers, self = QPointer<LabConsent>(this)] {
                if (self.isNull() || servers != m_servers)
                    return;
                m_allowed.insert(asked);
                go();
            });
    m_question = dialog;
    dialog->open();
}

} // namespace lockscope
