// SPDX-License-Identifier: MIT

// A script imports CameraKit and has the words of every floor that it needs.
@_exported public import CameraCodecs
@_exported public import CameraContainers
@_exported public import CameraCore
@_exported public import CameraDevices
@_exported public import CameraEncoders
@_exported public import CameraImaging
@_exported public import CameraOutputs
