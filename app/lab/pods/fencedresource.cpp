#include "app/lab/pods/fencedresource.h"

#include <algorithm>

namespace lockscope {

PodWrite FencedResource::write(const QString& pod, LockKey key, qint64 token)
{
    const qint64 newest = m_newest.value(key, 0);
    PodWrite write{.pod = pod, .key = key, .token = token, .newest = newest};
    // A token that was not given (a standby has none) cannot be older: only a fence can do something about it.
    write.stale = token > 0 && token < newest;
    write.accepted = !m_fencing || (token > 0 && token >= newest);
    m_newest.insert(key, std::max(newest, token));
    return write;
}

} // namespace lockscope
