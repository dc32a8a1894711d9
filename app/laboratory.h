#pragma once

#include "app/labconsent.h"

#include <QObject>

#include <memory>
#include <optional>

namespace lockscope {

class Actions;
class LabPage;
class MainWindow;
class Settings;
struct ServerInfo;

/// The lab of the console: its pages, what runs behind each, and the question before anything runs on a server that is
/// not the sandbox. GUI thread; waits for nothing but the end of what is left. Holds no logic of a page.
class Laboratory final : public QObject
{
    Q_OBJECT

public:
    /// page is empty and gets its pages here; the window asks the questions.
    Laboratory(LabPage& page, MainWindow& window, const Actions& actions, Settings& settings, bool readOnly,
               QObject* parent = nullptr);
    ~Laboratory() override; ///< ends everything that runs
    Q_DISABLE_COPY_MOVE(Laboratory)

    /// Where the lab works from now on, once that server has answered; what ran elsewhere ends. overTcp: see LabPlace.
    void setServer(const Conninfo& conninfo, const QString& title, bool sandbox, const ServerInfo& server,
                   const std::optional<Conninfo>& overTcp = {});
    void leaveServer();
    /// Shows the lesson, chosen; an unknown name shows the lessons.
    void showLesson(const QString& name);

Q_SIGNALS:
    void sandboxRequested();

private:
    class Desks;
    void setPlace(const std::optional<LabPlace>& place);

    LabPage& m_page;
    MainWindow& m_window;
    Settings& m_settings;
    const bool m_readOnly;
    LabConsent m_consent;
    std::optional<LabPlace> m_place;
    std::unique_ptr<Desks> m_desks;
};

} // namespace lockscope
