#include "delivery/mailbox_code.hpp"

namespace penstock::delivery {

template class BasicMailbox<event::Batch, os::StdAtomics>;

}  // namespace penstock::delivery
