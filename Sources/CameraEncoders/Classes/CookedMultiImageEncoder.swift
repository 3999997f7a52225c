// SPDX-License-Identifier: MIT

/// Takes a series of compressed pictures: `jpeg`.
open class CookedMultiImageEncoder: MultiImageEncoder, @unchecked Sendable {}
