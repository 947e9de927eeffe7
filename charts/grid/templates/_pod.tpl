{{/* Settings as environment variables: {Silo: {ResponseTimeout: x}} is Grid__Silo__ResponseTimeout=x. Takes (list "Grid" map). */}}
{{- define "grid.settings" -}}
{{- $prefix := index . 0 -}}
{{- range $name, $value := index . 1 }}
{{- if kindIs "map" $value }}
{{- include "grid.settings" (list (printf "%s__%s" $prefix $name) $value) }}
{{- else if not (kindIs "invalid" $value) }}
{{- /* Helm parses YAML numbers as floats: print a whole one without an exponent. */}}
{{- $text := toString $value }}
{{- if kindIs "float64" $value }}
{{- if eq (floor $value) $value }}{{ $text = int64 $value | toString }}{{ end }}
{{- end }}
{{ $prefix }}__{{ $name }}: {{ quote $text }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The store: one variable for each database, because their order is part of the data. */}}
{{- define "grid.postgresEnv" -}}
{{- $secret := include "grid.postgresSecret" . -}}
{{- range $number := until (int (include "grid.databases" .)) }}
- name: Grid__Postgres__{{ $number }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: postgres-{{ $number }}
{{- end }}
{{- end -}}

{{/* Variables of a member or client of the cluster: its role, the membership, and its address. Takes (list . "Silo"). */}}
{{- define "grid.memberEnv" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
- name: Grid__Role
  value: {{ $role }}
- name: Grid__Cluster__Redis
  valueFrom:
    secretKeyRef:
      name: {{ include "grid.redisSecret" $root }}
      key: redis
{{- if ne $role "Client" }}
- name: Grid__Cluster__Address
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: Grid__Cluster__SiloPort
  value: "11111"
- name: Grid__Cluster__WatchPort
  value: "11112"
{{- end }}
{{- if and (eq $role "Silo") (eq $root.Values.gateway.role "Client") }}
- name: Grid__Cluster__ClientPort
  value: "30000"
{{- end }}
{{- if include "grid.tlsSecret" $root }}
- name: Grid__Cluster__Tls__Certificate
  value: /etc/grid/tls/tls.crt
- name: Grid__Cluster__Tls__Key
  value: /etc/grid/tls/tls.key
- name: Grid__Cluster__Tls__Authority
  value: /etc/grid/tls/ca.crt
{{- else }}
- name: Grid__Cluster__Tls__Off
  value: "true"
{{- end }}
{{- end -}}

{{/* Unprivileged pods, as admission controllers require. */}}
{{- define "grid.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "grid.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 1654
capabilities:
  drop: [ALL]
{{- end -}}

{{/* In a cluster the data folder contains only the key ring; other files in it are lost with the pod. */}}
{{- define "grid.volumeMounts" -}}
- name: data
  mountPath: /var/lib/grid
- name: keys
  mountPath: /var/lib/grid/keys
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- end -}}

{{- define "grid.volumes" -}}
- name: data
  emptyDir:
    sizeLimit: 256Mi
- name: keys
  secret:
    secretName: {{ and .isGateway .Values.keys.gatewaySecret | default (include "grid.keysSecret" .) }}
    # Readable by the group that owns the volumes.
    defaultMode: 0440
    items:
      - key: ring.json
        path: ring.json
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- end -}}

{{/* A member's certificate. Mounted as a folder, so that running pods see a renewed one. */}}
{{- define "grid.memberMounts" -}}
{{ include "grid.volumeMounts" . }}
{{- if include "grid.tlsSecret" . }}
- name: tls
  mountPath: /etc/grid/tls
  readOnly: true
{{- end }}
{{- end -}}

{{- define "grid.memberVolumes" -}}
{{ include "grid.volumes" . }}
{{- with include "grid.tlsSecret" . }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      {{- range $key := list "tls.crt" "tls.key" "ca.crt" }}
      - key: {{ $key }}
        path: {{ $key }}
      {{- end }}
{{- end }}
{{- end -}}

{{/* Liveness checks the process alone: without its store or Redis it still shows codes. */}}
{{- define "grid.probes" -}}
startupProbe:
  httpGet:
    path: /livez
    port: http
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: {{ div (add (int .startupSeconds) 4) 5 }}
livenessProbe:
  httpGet:
    path: /livez
    port: http
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
{{- end -}}

{{/* A pod first leaves the services, then drains; the grace period is longer than both. */}}
{{- define "grid.graceSeconds" -}}
{{ add .leaveSeconds .drainSeconds 10 }}
{{- end -}}

{{/* Spread over zones where there are zones, over machines everywhere. Takes (list . "silo"). */}}
{{- define "grid.spread" -}}
{{- $root := index . 0 -}}
{{- $spread := (index $root.Values (index . 1)).topologySpread -}}
{{- if $spread.enabled -}}
topologySpreadConstraints:
  {{- range $key, $when := dict "topology.kubernetes.io/zone" $spread.zone "kubernetes.io/hostname" $spread.node }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- include "grid.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* Scheduling of a tier's pods. */}}
{{- define "grid.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
