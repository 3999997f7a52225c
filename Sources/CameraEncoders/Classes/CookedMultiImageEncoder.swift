// SPDX-License-Identifier: MIT

/// Takes a series of pictures that a codec makes, such as `jpeg` or `png`.
open class CookedMultiImageEncoder: MultiImageEncoder, @unchecked Sendable {}
