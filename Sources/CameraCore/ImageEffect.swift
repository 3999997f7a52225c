// SPDX-License-Identifier: MIT

/// A filter in the camera.
public enum ImageEffect: String, Hashable, Sendable, CaseIterable {
    /// No filter.
    case none
    /// Exchanges bright and dark.
    case negative
    /// Exchanges them in bright parts.
    case solarize
    /// Draws lines as with a pencil.
    case sketch
    /// Looks stamped into metal.
    case emboss
}
