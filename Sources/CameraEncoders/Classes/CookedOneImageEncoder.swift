// SPDX-License-Identifier: MIT

/// Takes one picture that a codec makes, such as `jpeg` or `png`.
open class CookedOneImageEncoder: OneImageEncoder, @unchecked Sendable {}
