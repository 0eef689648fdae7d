#include "os/parking.hpp"

namespace penstock::os {

template class BasicParking<StdAtomics>;

}  // namespace penstock::os
