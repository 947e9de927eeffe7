{{/* Settings as environment variables: {Silo: {ResponseTimeout: x}} is Grid__Silo__ResponseTimeout=x. Takes (list "Grid" map). */}}
{{- define "grid.settings" -}}
{{- $prefix := index . 0 -}}
{{- range $name, $value := index . 1 }}
{{- if kindIs "map" $value }}
{{- include "grid.settings" (list (printf "%s__%s" $prefix $name) $value) }}
{{- else if not (kindIs "invalid" $value) }}
{{- /* YAML's numbers come as floats: a whole one is written without an exponent. */}}
{{- $text := toString $value }}
{{- if kindIs "float64" $value }}
{{- if eq (floor $value) $value }}{{ $text = int64 $value | toString }}{{ end }}
{{- end }}
{{ $prefix }}__{{ $name }}: {{ quote $text }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where the store is. One variable for each database: their order is part of the data. */}}
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

{{/* What a member of the cluster, or its client, needs: its role, where the membership is, and how others reach it. Takes (list . "Silo"). */}}
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

{{/* The pods are no one's administrators, and say so where admission controllers look. */}}
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

{{/* The data folder holds only the key ring in a cluster; what else a process writes there is lost with its pod. */}}
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
    # Read by the group that owns the volumes.
    defaultMode: 0440
    items:
      - key: ring.json
        path: ring.json
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- end -}}

{{/* What a member has beside: its certificate. Mounted as a folder, so that a renewed one arrives in running pods. */}}
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

{{/* Liveness asks the process alone: a store or a Redis that is gone is no reason to kill what still shows codes. */}}
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

{{/* A pod that leaves is first taken out of the services, then drains, and has time left when it is through. */}}
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

{{/* Where a tier's pods may run. */}}
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
